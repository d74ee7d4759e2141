// What a log line may hold: numbers, truth values and texts that are known to carry nothing of a request (SPEC.md
// section 18). A plain string or bytes do not compile.
import { createHmac, randomBytes } from 'node:crypto';

declare const contentFree: unique symbol;

/** A text that one of the makers below has vouched for. */
export type ContentFreeText = string & { readonly [contentFree]: true };
export type ContentFree = number | boolean | ContentFreeText;

/** A word of the source code: a literal type or a closed list of them, never `string`. */
export function word<Word extends string>(text: string extends Word ? never : Word): ContentFreeText {
  return text as string as ContentFreeText;
}

/** An address that the operator configured, or that the operating system gave for it. */
export function configuredAddress(address: string): ContentFreeText {
  return address as ContentFreeText;
}

const JOIN_KEY = randomBytes(32);
const JOIN_CHARACTERS = 11;

/** A keyed hash, so that lines about one thing can be joined; the key lives and dies with this process. */
export function joinable(identifier: string): ContentFreeText {
  return createHmac('sha256', JOIN_KEY)
    .update(identifier)
    .digest('base64url')
    .slice(0, JOIN_CHARACTERS) as ContentFreeText;
}

/** What is said of an error: a code of the system or a library, and places in the source. Never its message. */
export interface ErrorFields {
  readonly code: ContentFreeText;
  readonly place: ContentFreeText;
}

export function errorFields(error: unknown): ErrorFields {
  return { code: errorCode(error), place: errorPlace(error) };
}

const ERROR_CODE = /^[A-Z][A-Z0-9_]{1,63}$/;

function errorCode(error: unknown): ContentFreeText {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return (ERROR_CODE.test(code) ? code : 'other') as ContentFreeText;
}

const FRAME = /^\s+at (?:.* \()?((?:file:|node:|\/)[^()]+:\d+:\d+)\)?$/;
const FRAMES_MAX = 6;

/** File names and lines, the innermost first: nothing that a request could have put there. */
function errorPlace(error: unknown): ContentFreeText {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const frames = stack
    .slice(framesStart(error, stack))
    .split('\n')
    .flatMap((line) => FRAME.exec(line)?.[1] ?? []);
  return frames.slice(0, FRAMES_MAX).join(' ') as ContentFreeText;
}

/** A message may have lines that look like frames. Where the stack does not say where it ends, no line is believed. */
function framesStart(error: unknown, stack: string): number {
  const message = error instanceof Error ? error.message : '';
  const [head = ''] = HEAD.exec(stack) ?? [];
  const ends = message !== '' && head !== '' && stack.startsWith(`${message}\n`, head.length);
  return ends ? head.length + message.length : stack.length;
}

/** What stands before the message: `TypeError: ` or `TypeError [ERR_INVALID_URL]: `. */
const HEAD = /^[A-Za-z0-9_]+(?: \[[A-Z0-9_]+\])?: /;
