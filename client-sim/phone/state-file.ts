// The durable state (SPEC.md section 10). Changes are made in memory, one after the other, each from what stands there
// now; commit() makes all of them so far durable by one rename. Replay state and chain lie in the same file, so the
// order of writing, replay state first, holds at every instant: a chain is never ahead of its window.
import { open, readFile, rename, unlink } from 'node:fs/promises';
import type { PhoneState } from './state.ts';
import { EMPTY_STATE } from './state.ts';
import { type DecodedState, decodeState, encodeState } from './state-codec.ts';

const OWNER_ONLY = 0o600;

export class StateFile {
  readonly #path: string;
  #state: PhoneState;
  #written: Promise<void> = Promise.resolve();
  #next: Promise<void> | null = null;

  constructor(path: string, state: PhoneState) {
    this.#path = path;
    this.#state = state;
  }

  get state(): PhoneState {
    return this.#state;
  }

  update(change: (state: PhoneState) => PhoneState): void {
    this.#state = change(this.#state);
  }

  /** Resolves once every change made before the call would survive SIGKILL. Calls in a burst share one write. */
  commit(): Promise<void> {
    this.#next ??= this.#written.then(() => {
      this.#next = null;
      const written = this.#write();
      // A failed write fails its callers; the next one tries again.
      this.#written = written.catch(() => undefined);
      return written;
    });
    return this.#next;
  }

  async #write(): Promise<void> {
    const temporary = `${this.#path}.new`;
    const file = await open(temporary, 'w', OWNER_ONLY);
    try {
      await file.writeFile(encodeState(this.#state));
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(temporary, this.#path);
  }
}

/** Reads what a state file says; an absent one is an empty phone. What a kill left half written is never read. */
export async function readStateFile(path: string): Promise<DecodedState> {
  await unlink(`${path}.new`).catch(ignoreAbsent);
  const text = await readFile(path, 'utf8').catch(ignoreAbsent);
  if (text === undefined) return { state: EMPTY_STATE, corrupt: false, deadKeys: 0, deadRegistrations: 0 };
  return decodeState(text);
}

function ignoreAbsent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
