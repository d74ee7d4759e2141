// CBOR with a remark per item, as SPEC.md's worked example prints it: one line per field, nested by indentation.
import { hex } from '../../protocol/wire/bytes.ts';
import { type CborValue, decodeCbor, encodeCbor } from '../../protocol/wire/cbor.ts';

/** What the fields of a map, or the items of an array, are called. */
export interface Names {
  readonly [key: number]: string | readonly [string, Names];
}

const REMARK_COLUMN = 52;

/** Lines of hex with remarks; the hex of all lines, joined, is the input. Containers have at most 23 members. */
export function annotateCbor(bytes: Uint8Array, names: Names): string {
  const value = decodeCbor(bytes);
  return annotate(value, names, '', '', 0).join('\n');
}

function annotate(value: CborValue, names: Names, lead: string, name: string, depth: number): string[] {
  const head = containerHead(value);
  const remark = name === '' ? '' : `${name}: `;
  if (head === null) return [line(depth, `${lead}${hex(encodeCbor(value))}`, `${remark}${describe(value)}`)];
  const [initial, kind, members] = head;
  const own = line(depth, `${lead}${hex(Uint8Array.of(initial))}`, `${remark}${kind}(${members.length})`);
  const inner = members.flatMap(([key, member]) => {
    const [memberName, memberNames] = look(names, key);
    const keyHex = kind === 'map' ? `${hex(encodeCbor(key))} ` : '';
    const memberLabel = kind === 'map' ? `${key} ${memberName}` : memberName;
    return annotate(member, memberNames, keyHex, memberLabel, depth + 1);
  });
  return [own, ...inner];
}

function containerHead(value: CborValue): [number, 'map' | 'array', [number, CborValue][]] | null {
  if (value instanceof Map) return [0xa0 + small(value.size), 'map', [...value]];
  if (Array.isArray(value)) return [0x80 + small(value.length), 'array', [...value.entries()]];
  return null;
}

function small(size: number): number {
  if (size > 23) throw new RangeError('a container of the worked example has at most 23 members');
  return size;
}

function look(names: Names, key: number): readonly [string, Names] {
  const entry = names[key] ?? names[0] ?? '';
  return typeof entry === 'string' ? [entry, {}] : entry;
}

function describe(value: CborValue): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  return String(value);
}

function line(depth: number, bytes: string, remark: string): string {
  const text = `${'  '.repeat(depth)}${bytes}`;
  return `${text.padEnd(REMARK_COLUMN)}  # ${remark}`;
}
