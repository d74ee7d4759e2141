// A process that writes a phone's state again and again, and says after each commit how far it is. It is killed.
import { readStateFile, StateFile } from '../../client-sim/phone/state-file.ts';

const FILLING_CHARACTERS = 4_000_000;

const path = process.argv[2] as string;
const { state, corrupt } = await readStateFile(path);
if (corrupt) throw new Error('the state file is not whole');
const file = new StateFile(path, state);
const filling = 'x'.repeat(FILLING_CHARACTERS);
for (;;) {
  // A new entry each time, so that its text is made anew.
  file.update((before) => ({
    ...before,
    syncedTo: before.syncedTo + 1,
    inbox: before.inbox.map((entry) => ({ ...entry, text: filling })),
  }));
  await file.commit();
  process.stdout.write(`${file.state.syncedTo}\n`);
}
