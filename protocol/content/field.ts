// Fields of a CBOR map, taken out one by one and checked (SPEC.md section 9). Unknown keys are never looked at.
import { utf8 } from '../wire/bytes.ts';
import type { CborMap, CborValue } from '../wire/cbor.ts';
import { ProtocolError } from '../wire/errors.ts';
import { REFERENCE_BYTES_MAX } from '../wire/limits.ts';

/** A message's, conversation's or event's name, local to the registration: unsigned, or 1 to 16 bytes. */
export type Reference = number | Uint8Array;

/** @throws ProtocolError `payload_malformed`, as every function of this file. */
export function readMap(value: CborValue | undefined): CborMap {
  if (!(value instanceof Map)) throw malformed();
  return value;
}

export function readInteger(value: CborValue | undefined, min: number, max: number): number {
  if (typeof value !== 'number' || value < min || value > max) throw malformed();
  return value;
}

/** `bytesMax` counts UTF-8. */
export function readText(value: CborValue | undefined, bytesMax: number): string {
  if (typeof value !== 'string' || utf8(value).length > bytesMax) throw malformed();
  return value;
}

export function readBytes(value: CborValue | undefined, length: number): Uint8Array {
  if (!(value instanceof Uint8Array) || value.length !== length) throw malformed();
  return value;
}

/** A flag is `true` or left out. */
export function readFlag(value: CborValue | undefined): boolean {
  if (value !== undefined && value !== true) throw malformed();
  return value === true;
}

export function readReference(value: CborValue | undefined): Reference {
  if (typeof value === 'number' && value >= 0) return value;
  if (value instanceof Uint8Array && value.length >= 1 && value.length <= REFERENCE_BYTES_MAX) return value;
  throw malformed();
}

export function readReferences(value: CborValue | undefined, max: number): Reference[] {
  if (!Array.isArray(value) || value.length < 1 || value.length > max) throw malformed();
  return value.map(readReference);
}

/** The one error of a payload that is not of its schema. */
export function malformed(): ProtocolError {
  return new ProtocolError('payload_malformed');
}
