// The durable state (SPEC.md section 10), which app and extension share as two processes. A change is made in memory, at
// once, from what stands there; commit() takes the lock, reads again, makes the changes anew if the other process wrote
// meanwhile, and makes them durable by one rename. Replay state and chain lie in the same file, so the order of writing,
// replay state first, holds at every instant: a chain is never ahead of its window. A change is therefore a function of
// the state alone, may run more than once, and derives nothing: what needs keys or the network comes before it.
import { readFileSync, statSync } from 'node:fs';
import { open, rename, unlink } from 'node:fs/promises';
import { holdLock } from './file-lock.ts';
import type { PhoneState } from './state.ts';
import { EMPTY_STATE } from './state.ts';
import { type DecodedState, decodeState, encodeState } from './state-codec.ts';

const OWNER_ONLY = 0o600;
const ABSENT = 'absent';

type Change = (state: PhoneState) => PhoneState;

export class StateFile {
  readonly #path: string;
  #state: PhoneState;
  /** Which writing of the file the state rests on. */
  #basis: string;
  /** What is not in the file yet. */
  #changes: readonly Change[] = [];
  #written: Promise<void> = Promise.resolve();
  #next: Promise<void> | null = null;

  /** A state that rests on the file as it is now. */
  constructor(path: string, state: PhoneState) {
    this.#path = path;
    this.#state = state;
    this.#basis = identifyWriting(path);
  }

  get state(): PhoneState {
    return this.#state;
  }

  update(change: Change): void {
    this.#state = change(this.#state);
    this.#changes = [...this.#changes, change];
  }

  /** Takes over what the other process wrote; what is not written yet is changed anew. */
  refresh(): void {
    const found = identifyWriting(this.#path);
    if (found === this.#basis) return;
    const { state } = readStateFile(this.#path);
    this.#state = this.#changes.reduce((changed, change) => change(changed), state);
    this.#basis = found;
  }

  /** Resolves once every change made before the call would survive SIGKILL. Calls in a burst share one write. */
  commit(): Promise<void> {
    this.#next ??= this.#written.then(() => {
      this.#next = null;
      const written = holdLock(`${this.#path}.lock`, () => this.#write());
      // A failed write fails its callers; the next one tries again.
      this.#written = written.catch(() => undefined);
      return written;
    });
    return this.#next;
  }

  async #write(): Promise<void> {
    this.refresh();
    const changes = this.#changes;
    this.#changes = [];
    try {
      await replaceFile(this.#path, encodeState(this.#state));
    } catch (error) {
      this.#changes = [...changes, ...this.#changes];
      throw error;
    }
    this.#basis = identifyWriting(this.#path);
  }
}

/** The state of a path, and what could not be used of it. A text that a kill left half written is erased unread. */
export async function openStateFile(
  path: string,
): Promise<{ readonly file: StateFile; readonly decoded: DecodedState }> {
  return holdLock(`${path}.lock`, async () => {
    await unlink(`${path}.new`).catch(ignoreAbsent);
    const decoded = readStateFile(path);
    return { file: new StateFile(path, decoded.state), decoded };
  });
}

/** What a state file says; an absent one is an empty phone. */
export function readStateFile(path: string): DecodedState {
  try {
    return decodeState(readFileSync(path, 'utf8'));
  } catch (error) {
    ignoreAbsent(error as NodeJS.ErrnoException);
    return { state: EMPTY_STATE, corrupt: false, deadKeys: 0, deadRegistrations: 0 };
  }
}

async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.new`;
  const file = await open(temporary, 'w', OWNER_ONLY);
  try {
    await file.writeFile(text);
    await file.datasync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
}

/** Every writing is a file of its own that takes the place of the one before. */
function identifyWriting(path: string): string {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? ABSENT : `${found.ino}-${found.size}-${found.mtimeNs}`;
}

function ignoreAbsent(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
