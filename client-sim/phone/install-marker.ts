// The install marker (SPEC.md section 4): a file that is in no backup. Keys outlive an uninstall on iOS and may come
// along in a copy; without the marker they are of another installation, and are wiped before anything uses them.
import { access, writeFile } from 'node:fs/promises';
import { wipeState } from './state.ts';
import type { DecodedState } from './state-codec.ts';
import { openStateFile, type StateFile } from './state-file.ts';

/** The phone's state as this installation may use it. */
export interface InstalledState {
  readonly file: StateFile;
  readonly decoded: DecodedState;
  /** Whether an earlier installation's keys were found, and erased. */
  readonly wiped: boolean;
}

export async function openInstalledState(path: string): Promise<InstalledState> {
  const { file, decoded } = await openStateFile(path);
  const marker = `${path}.installed`;
  const marked = await access(marker).then(
    () => true,
    () => false,
  );
  const wiped = !marked && decoded.state.registrations.length > 0;
  if (!marked) {
    file.update(wipeState);
    await file.commit();
    // Last, so that a kill in between wipes again.
    await writeFile(marker, '');
  }
  return { file, decoded, wiped };
}
