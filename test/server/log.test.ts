// The log takes what is content-free by type and nothing else. The expected errors are errors of the type checker: if
// one of them compiled, checking the types would fail.
import { expect, test } from 'vitest';
import { configuredAddress, errorFields, joinable, word } from '../../server/log/content-free.ts';
import { buildLog, type Log } from '../../server/log/log.ts';

test('texts, bytes and fields that an event has not do not compile', () => {
  const lines: unknown[] = [];
  const log: Log = { write: (event, fields) => void lines.push({ event, fields }), count: () => 0 };
  const text: string = ['a', 'token'].join(' ');
  log.write('ready', { address: configuredAddress('https://127.0.0.1:1') });
  // @ts-expect-error a plain text
  log.write('ready', { address: text });
  // @ts-expect-error a literal text
  log.write('ready', { address: 'https://127.0.0.1:1' });
  // @ts-expect-error bytes
  log.write('ready', { address: new Uint8Array(1) });
  // @ts-expect-error a field that is missing
  log.write('ready', {});
  // @ts-expect-error a field that the event has not
  log.write('stopping', { token: 1 });
  // @ts-expect-error a field of another event
  log.write('chains_stepped', { keys: 1, device: joinable('a') });
  const more = { keys: 1, token: text };
  // @ts-expect-error a field that the event has not, in a variable
  log.write('chains_stepped', more);
  // @ts-expect-error an event that is not in the table
  log.write('received', {});
  // @ts-expect-error a text that is not known when this is compiled
  word(text);
  expect(lines).toHaveLength(9);
});

test('every event is also a counter, whatever the level', () => {
  const log = buildLog('error');
  expect(log.count('chains_stepped')).toBe(0);
  log.write('chains_stepped', { keys: 1 });
  log.write('chains_stepped', { keys: 2 });
  log.write('stopping', {});
  expect(log.count('chains_stepped')).toBe(2);
  expect(log.count('stopping')).toBe(1);
  expect(log.count('job_failed')).toBe(0);
});

test('of an error there is its code and where it came from, never its message', () => {
  const code = (text: unknown) => errorFields(Object.assign(new Error('x'), { code: text })).code;
  expect(code('ECONNREFUSED')).toBe('ECONNREFUSED');
  expect(code('alice says hello')).toBe('other');
  expect(code(42)).toBe('other');
  expect(errorFields('alice')).toEqual({ code: 'other', place: '' });
  const place = /^(?:file:|node:|\/)\S+log\.test\.ts:\d+:\d+ /;
  expect(errorFields(new TypeError('alice says hello')).place).toMatch(place);
  expect(errorFields(catching(() => JSON.parse('{alice'))).place).toMatch(/\S+:\d+:\d+/);
  expect(errorFields(catching(() => Buffer.alloc(-1)))).toMatchObject({
    code: 'ERR_OUT_OF_RANGE',
    place: expect.stringMatching(/^node:buffer:\d+:\d+ /),
  });
});

const FORGED = ['alice', '    at alice (file:///alice:1:1)', '    at file:///alice:1:1', '    at /alice:1:1'];

test.each<[string, Error]>([
  ['the message', new Error(FORGED.join('\n'))],
  ['a message that ends like frames begin', new Error(`${FORGED.join('\n')}\n`)],
  ['a message that was changed', changing(FORGED.join('\n'), 'bob')],
  ['a message that was emptied', changing(FORGED.join('\n'), '')],
  ['a message of a new line that was emptied', changing(`\n${FORGED.join('\n')}`, '')],
  ['a message that was changed to the name', changing(FORGED.join('\n'), 'Error')],
])('frames that stand in an error are not believed: %s', (_case, error) => {
  expect(errorFields(error).place).not.toContain('alice');
});

test('an identifier is joined by a keyed hash', () => {
  expect(joinable('handle')).toBe(joinable('handle'));
  expect(joinable('handle')).not.toBe(joinable('handles'));
  expect(joinable('handle')).not.toContain('handle');
});

function catching(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}

/** The stack is written when it is first asked for, and keeps the first message. */
function changing(first: string, then: string): Error {
  const error = new Error(first);
  if (error.stack?.includes(first) !== true) throw new Error('no stack');
  error.message = then;
  return error;
}
