// The log takes what is content-free by type and nothing else. The expected errors are errors of the type checker: if
// one of them compiled, checking the types would fail.
import { expect, test } from 'vitest';
import {
  configured,
  errorCode,
  errorPlace,
  joinable,
  literal,
  oneOf,
} from '../../bouncer/log/content-free.ts';
import { buildLog, type Log } from '../../bouncer/log/log.ts';

test('texts, bytes and unknown fields do not compile as fields of an event', () => {
  const lines: unknown[] = [];
  const log: Log = (event, fields) => lines.push({ event, fields });
  const text: string = ['a', 'token'].join(' ');
  log('ready', { address: configured('https://127.0.0.1:1') });
  // @ts-expect-error a plain text
  log('ready', { address: text });
  // @ts-expect-error a literal text
  log('ready', { address: 'https://127.0.0.1:1' });
  // @ts-expect-error bytes
  log('ready', { address: new Uint8Array(1) });
  // @ts-expect-error a field that the event has not
  log('stopping', { token: 1 });
  // @ts-expect-error an event that is not in the table
  log('received', {});
  // @ts-expect-error a text that is not known when this is compiled
  literal(text);
  expect(lines).toHaveLength(6);
});

test('what becomes of texts from outside', () => {
  expect(oneOf(['Shutdown'], 'Shutdown')).toBe('Shutdown');
  expect(oneOf(['Shutdown'], 'alice says hello')).toBe('other');
  expect(errorCode(Object.assign(new Error('x'), { code: 'ECONNREFUSED' }))).toBe('ECONNREFUSED');
  expect(errorCode(Object.assign(new Error('x'), { code: 'alice says hello' }))).toBe('other');
  expect(errorCode('alice')).toBe('other');
  const place = errorPlace(
    new Error('alice says hello\n    at alice (file:///alice:1:1)\n    at file:///alice:1:1'),
  );
  expect(place).toMatch(/^(?:file|node):\S+:\d+:\d+ /);
  expect(place).not.toContain('alice');
  expect(joinable('handle')).toBe(joinable('handle'));
  expect(joinable('handle')).not.toContain('handle');
});

test('where a message was changed after the stack was written, no line is believed', () => {
  const error = new Error('one\n    at file:///alice/secret.ts:1:1');
  // The stack is written when it is first asked for.
  expect(error.stack).toContain('alice');
  error.message = 'another';
  expect(errorPlace(error)).toBe('');
});

test('every event is also a counter, whether its line is written, repeated or below the level', () => {
  const log = buildLog('fatal');
  expect(log.count('certificate_reload_failed')).toBe(0);
  for (let i = 0; i < 3; i += 1) log('certificate_reload_failed', { code: literal('other') });
  log('certificate_reloaded', {});
  expect(log.count('certificate_reload_failed')).toBe(3);
  expect(log.count('certificate_reloaded')).toBe(1);
  expect(log.count('internal_error')).toBe(0);
});
