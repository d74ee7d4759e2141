// A process that writes a phone's state again and again, and says after each commit how far it is. It is killed.
import { openStateFile } from '../../client-sim/phone/state-file.ts';

const FILLING_CHARACTERS = 4_000_000;

const path = process.argv[2] as string;
const { file, decoded } = await openStateFile(path);
if (decoded.corrupt) throw new Error('the state file is not whole');
const filling = 'x'.repeat(FILLING_CHARACTERS);
for (;;) {
  // A new entry each time, so that its text is made anew.
  file.update((before) => ({
    ...before,
    clockOffsetMs: before.clockOffsetMs + 1,
    inbox: before.inbox.map((entry) => ({ ...entry, text: filling })),
  }));
  await file.commit();
  process.stdout.write(`${file.state.clockOffsetMs}\n`);
}
