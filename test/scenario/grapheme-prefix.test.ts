// The judge of shortened texts: a prefix counts only if it ends where a reader would cut.
import { expect, test } from 'vitest';
import { isGraphemePrefix } from '../../client-sim/demo/grapheme-prefix.ts';

test.each([
  ['a plain prefix', 'hel', 'hello', true],
  ['nothing of a text', '', 'hello', true],
  ['before a family of emoji', 'a ', 'a 👩‍👩‍👧‍👦 b', true],
  ['after a family of emoji', 'a 👩‍👩‍👧‍👦', 'a 👩‍👩‍👧‍👦 b', true],
  ['inside a family of emoji', 'a 👩‍👩', 'a 👩‍👩‍👧‍👦 b', false],
  ['inside a flag', '🇨', '🇨🇭!', false],
  ['before a combining mark', 'e', 'e\u0301a', false],
  ['the whole text', 'hello', 'hello', false],
  ['another text', 'hullo', 'hello world', false],
  ['longer than the text', 'hello world', 'hello', false],
])('%s', (_, prefix, text, expected) => {
  expect(isGraphemePrefix(prefix, text)).toBe(expected);
});
