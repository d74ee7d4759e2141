// The whole of key-list.json.
import type { KeyListFile } from '../../shape/key-list.ts';
import { countResults, flagsOf } from '../told.ts';
import { acceptedLists } from './accepted.ts';
import { refusedLists } from './refused.ts';

export function keyListVectors(): KeyListFile {
  const cases = [...acceptedLists(), ...refusedLists()];
  return {
    protocol: 'sealed-push/1',
    kind: 'key-list',
    note: "The signed list of the bouncer's keys. Bytes are in hexadecimal, but for `signed`, which is as on the wire.",
    flags: flagsOf(cases),
    counts: countResults(cases),
    cases,
  };
}
