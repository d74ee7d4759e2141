// What a log line may hold: numbers, truth values and texts that are known to carry nothing of a request.
// A plain string or bytes do not compile.
import { createHmac, randomBytes } from 'node:crypto';

declare const contentFree: unique symbol;

/** A text that one of the makers below has vouched for. */
export type ContentFreeText = string & { readonly [contentFree]: true };
export type ContentFree = number | boolean | null | ContentFreeText;

/** One of the texts of a closed list, or `other`. */
export function oneOf(list: readonly string[], text: string): ContentFreeText {
  return (list.includes(text) ? text : 'other') as ContentFreeText;
}

/** A text that stands in the source: a literal type, never `string`. */
export function literal<T extends string>(text: string extends T ? never : T): ContentFreeText {
  return text as string as ContentFreeText;
}

/** What the operator wrote into the configuration: an app id, an address. */
export function configured(text: string): ContentFreeText {
  return text as ContentFreeText;
}

const JOIN_KEY = randomBytes(32);
const JOIN_CHARACTERS = 11;

/** A keyed hash, so that lines about one thing can be joined; the key lives and dies with this process. */
export function joinable(id: string): ContentFreeText {
  return createHmac('sha256', JOIN_KEY)
    .update(id)
    .digest('base64url')
    .slice(0, JOIN_CHARACTERS) as ContentFreeText;
}

const ERROR_CODE = /^[A-Z][A-Z0-9_]{1,63}$/;

/** The code of a system or library error, never its message. */
export function errorCode(error: unknown): ContentFreeText {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return (ERROR_CODE.test(code) ? code : 'other') as ContentFreeText;
}

const FRAME = /^\s+at (?:.* \()?((?:file|node):[^()]+:\d+:\d+)\)?$/;
const FRAMES_MAX = 6;

/** Where in the source an error came from: file names and lines, nothing that a request could have put there. */
export function errorPlace(error: unknown): ContentFreeText {
  if (!(error instanceof Error)) return '' as ContentFreeText;
  const stack = error.stack ?? '';
  const frames = stack
    .slice(framesStart(error.message, stack))
    .split('\n')
    .flatMap((line) => FRAME.exec(line)?.[1] ?? []);
  return frames.slice(0, FRAMES_MAX).join(' ') as ContentFreeText;
}

/** A message may have lines that look like frames. Where the stack does not say where it ends, no line is believed. */
function framesStart(message: string, stack: string): number {
  const [head = ''] = HEAD.exec(stack) ?? [];
  const ends = message !== '' && head !== '' && stack.startsWith(`${message}\n`, head.length);
  return ends ? head.length + message.length : stack.length;
}

/** What stands before the message: `TypeError: ` or `TypeError [ERR_INVALID_URL]: `. */
const HEAD = /^[A-Za-z0-9_]+(?: \[[A-Z0-9_]+\])?: /;
