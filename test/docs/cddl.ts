// As much of CDDL (RFC 8610) as appendix A of SPEC.md uses: rules, groups of map members, ranges, choices, `.size`, and
// `key: type` with its cut: a key that is named must have its type, whatever a wildcard would take.
import type { CborValue } from '../../protocol/wire/cbor.ts';

type Type =
  | { readonly kind: 'integer'; readonly min: number; readonly max: number }
  | { readonly kind: 'string'; readonly of: 'tstr' | 'bstr'; readonly min: number; readonly max: number }
  | { readonly kind: 'word'; readonly word: 'true' | 'any' }
  | { readonly kind: 'rule'; readonly name: string }
  | { readonly kind: 'choice'; readonly types: readonly Type[] }
  | { readonly kind: 'array'; readonly items: readonly Item[] }
  | { readonly kind: 'map'; readonly members: readonly Member[] };

interface Item {
  readonly min: number;
  readonly max: number;
  readonly type: Type;
}

type Member =
  | { readonly kind: 'named'; readonly key: number; readonly optional: boolean; readonly type: Type }
  | { readonly kind: 'wild'; readonly key: Type; readonly type: Type }
  | { readonly kind: 'group'; readonly name: string };

/** The rules of a text; a group stands as a map. */
export type Rules = ReadonlyMap<string, Type>;

/** @throws SyntaxError for what is not of this subset */
export function parseCddl(text: string): Rules {
  const reader = new Reader(text.replace(/;.*$/gm, ''));
  const rules = new Map<string, Type>();
  while (!reader.isAtEnd) {
    const name = reader.take();
    reader.expect('=');
    if (rules.has(name)) throw new SyntaxError(`two rules ${name}`);
    const group: Type | null = reader.skip('(') ? { kind: 'map', members: readMembers(reader, ')') } : null;
    rules.set(name, group ?? readType(reader));
  }
  return rules;
}

/** Whether a value is of a rule. @throws SyntaxError for a rule that does not exist */
export function matches(rules: Rules, name: string, value: CborValue): boolean {
  return isOf(rules, ruleOf(rules, name), value);
}

const TOKEN = /\.\.|\.size|=>|[a-z][a-z0-9-]*|\d+|[=/{}[\](),:?*]/y;

class Reader {
  readonly #tokens: string[] = [];
  #next = 0;

  constructor(text: string) {
    for (let offset = 0; offset < text.length; ) {
      const space = /\s*/y;
      space.lastIndex = offset;
      offset += space.exec(text)?.[0].length ?? 0;
      if (offset === text.length) break;
      TOKEN.lastIndex = offset;
      const [token] = TOKEN.exec(text) ?? [];
      if (token === undefined) throw new SyntaxError(`not read: ${text.slice(offset, offset + 20)}`);
      this.#tokens.push(token);
      offset += token.length;
    }
  }

  get isAtEnd(): boolean {
    return this.#next === this.#tokens.length;
  }

  peek(ahead = 0): string {
    return this.#tokens[this.#next + ahead] ?? '';
  }

  take(): string {
    this.#next += 1;
    return this.#tokens[this.#next - 1] ?? '';
  }

  expect(token: string): void {
    const taken = this.take();
    if (taken !== token) throw new SyntaxError(`${token} was to come, not ${taken}`);
  }

  skip(token: string): boolean {
    if (this.peek() !== token) return false;
    this.take();
    return true;
  }
}

function readType(reader: Reader): Type {
  const types = [readOne(reader)];
  while (reader.skip('/')) types.push(readOne(reader));
  return types.length === 1 ? (types[0] as Type) : { kind: 'choice', types };
}

function readOne(reader: Reader): Type {
  const token = reader.take();
  if (token === '{') return { kind: 'map', members: readMembers(reader, '}') };
  if (token === '[') return { kind: 'array', items: readItems(reader) };
  if (token === 'true' || token === 'any') return { kind: 'word', word: token };
  if (token === 'tstr' || token === 'bstr') return { kind: 'string', of: token, ...readSize(reader) };
  if (/^\d/.test(token)) return { kind: 'integer', ...readRange(reader, Number(token)) };
  return { kind: 'rule', name: token };
}

function readSize(reader: Reader): { min: number; max: number } {
  if (!reader.skip('.size')) return { min: 0, max: Number.POSITIVE_INFINITY };
  const isRange = reader.skip('(');
  const range = readRange(reader, Number(reader.take()));
  if (isRange) reader.expect(')');
  return range;
}

function readRange(reader: Reader, min: number): { min: number; max: number } {
  return { min, max: reader.skip('..') ? Number(reader.take()) : min };
}

function readItems(reader: Reader): Item[] {
  const items: Item[] = [];
  while (!reader.skip(']')) {
    const isCounted = reader.peek(1) === '*';
    const min = isCounted ? Number(reader.take()) : 1;
    reader.skip('*');
    const max = isCounted ? Number(reader.take()) : 1;
    items.push({ min, max, type: readType(reader) });
    reader.skip(',');
  }
  return items;
}

function readMembers(reader: Reader, end: string): Member[] {
  const members: Member[] = [];
  while (!reader.skip(end)) {
    members.push(readMember(reader));
    reader.skip(',');
  }
  return members;
}

function readMember(reader: Reader): Member {
  if (reader.skip('*')) {
    const key = readType(reader);
    reader.expect('=>');
    return { kind: 'wild', key, type: readType(reader) };
  }
  const optional = reader.skip('?');
  if (reader.peek(1) !== ':') return { kind: 'group', name: reader.take() };
  const key = Number(reader.take());
  reader.expect(':');
  return { kind: 'named', key, optional, type: readType(reader) };
}

function ruleOf(rules: Rules, name: string): Type {
  const type = rules.get(name);
  if (type === undefined) throw new SyntaxError(`no rule ${name}`);
  return type;
}

function isOf(rules: Rules, type: Type, value: CborValue): boolean {
  switch (type.kind) {
    case 'integer':
      return typeof value === 'number' && value >= type.min && value <= type.max;
    case 'string': {
      const isRight = type.of === 'tstr' ? typeof value === 'string' : value instanceof Uint8Array;
      const length = isRight ? Buffer.byteLength(value as string | Uint8Array) : -1;
      return length >= type.min && length <= type.max;
    }
    case 'word':
      return type.word === 'any' || value === true;
    case 'rule':
      return isOf(rules, ruleOf(rules, type.name), value);
    case 'choice':
      return type.types.some((one) => isOf(rules, one, value));
    case 'array':
      return Array.isArray(value) && areItems(rules, type.items, value);
    case 'map':
      return value instanceof Map && areMembers(rules, flatten(rules, type.members), value);
  }
}

function areItems(rules: Rules, items: readonly Item[], values: readonly CborValue[]): boolean {
  const [item, ...rest] = items;
  if (item === undefined) return values.length === 0;
  if (rest.length > 0 && (item.min !== 1 || item.max !== 1))
    throw new SyntaxError('a counted item stands alone');
  const count = rest.length > 0 ? 1 : values.length;
  if (count < item.min || count > item.max || values.length < count) return false;
  const areRight = values.slice(0, count).every((value) => isOf(rules, item.type, value));
  return areRight && (rest.length === 0 || areItems(rules, rest, values.slice(count)));
}

function flatten(rules: Rules, members: readonly Member[]): readonly Exclude<Member, { kind: 'group' }>[] {
  return members.flatMap((member) => {
    if (member.kind !== 'group') return [member];
    const group = ruleOf(rules, member.name);
    if (group.kind !== 'map') throw new SyntaxError(`${member.name} is no group`);
    return flatten(rules, group.members);
  });
}

function areMembers(
  rules: Rules,
  members: readonly Exclude<Member, { kind: 'group' }>[],
  map: ReadonlyMap<number, CborValue>,
): boolean {
  const named = new Map(members.flatMap((member) => (member.kind === 'named' ? [[member.key, member]] : [])));
  for (const { key, optional, type } of named.values()) {
    const value = map.get(key);
    if (value === undefined ? !optional : !isOf(rules, type, value)) return false;
  }
  const wild = members.filter((member) => member.kind === 'wild');
  return [...map].every(
    ([key, value]) =>
      named.has(key) || wild.some((one) => isOf(rules, one.key, key) && isOf(rules, one.type, value)),
  );
}
