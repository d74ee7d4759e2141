// The log: a closed table of events whose fields cannot carry content (SPEC.md section 14). A plain string does not
// compile as a field; requests, headers, tokens, handles and payloads have no way in.
import { createHmac, randomBytes } from 'node:crypto';
import { pino } from 'pino';

declare const contentFree: unique symbol;
/** Text that was made by one of the functions below. */
export type ContentFreeText = string & { readonly [contentFree]: true };
/** What a field may be: a number, a flag, or text of a closed list. */
export type ContentFree = number | boolean | ContentFreeText;

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
export const LOG_LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

/** The table. Every event is also a counter. */
const LEVEL_OF = {
  ready: 'info',
  stopping: 'info',
  stopped: 'info',
  certificate_reloaded: 'info',
  certificate_refused: 'error',
  request_failed: 'error',
  job_failed: 'error',
  event_sealed: 'info',
  event_unreadable: 'error',
  device_skipped: 'info',
  seal_failed: 'error',
  key_lost: 'error',
  keys_lost: 'error',
  batch_answered: 'info',
  batch_unanswered: 'warn',
  item_refused: 'warn',
  handle_gone: 'info',
  items_expired: 'warn',
  registration_made: 'info',
  registration_active: 'info',
  registration_ended: 'info',
  bouncer_keys_fetched: 'info',
  bouncer_keys_unavailable: 'warn',
  chains_stepped: 'info',
  clock_jumped: 'error',
  clock_behind: 'warn',
} as const;

export type LogEvent = keyof typeof LEVEL_OF;
export type LogFields = Readonly<Record<string, ContentFree>>;

export interface Log {
  write(event: LogEvent, fields?: LogFields): void;
  /** How often an event was written since the start of the process. */
  count(event: LogEvent): number;
  /** A name for an identifier that joins lines of one process and says nothing else. */
  tag(identifier: string): ContentFreeText;
}

/** JSON lines on standard output. */
export function buildLog(level: LogLevel): Log {
  const logger = pino({ level, base: null, messageKey: 'event', timestamp: pino.stdTimeFunctions.isoTime });
  const key = randomBytes(32);
  const counts = new Map<LogEvent, number>();
  return {
    write(event, fields = {}) {
      counts.set(event, (counts.get(event) ?? 0) + 1);
      logger[LEVEL_OF[event]]({ ...fields }, event);
    },
    count: (event) => counts.get(event) ?? 0,
    tag: (identifier) =>
      createHmac('sha256', key).update(identifier).digest('hex').slice(0, 12) as ContentFreeText,
  };
}

/** A word of the source code: anything whose type is a closed list of literals. */
export function word<Word extends string>(text: string extends Word ? never : Word): ContentFreeText {
  return text as string as ContentFreeText;
}

/** An address that the operator configured, or that the operating system gave for it. */
export function configuredAddress(address: string): ContentFreeText {
  return address as ContentFreeText;
}

/** What failed, without its message: messages may quote what they failed on. Frames are places in the code. */
export function failureFields(error: unknown): LogFields {
  if (!(error instanceof Error)) return { failure: word('not_an_error') };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return {
    failure: identifierOr(error.name, 'Error'),
    code: identifierOr(code, 'none'),
    frames: frames.slice(0, FRAMES_MAX).map(placeOf).join(' < ') as ContentFreeText,
  };
}

const FRAMES_MAX = 5;

function placeOf(frame: string): string {
  return frame
    .trim()
    .replace(/^at /, '')
    .replace(/file:\/\/\S*\/(?=[^/]+\/[^/]+:\d+:\d+)/, '');
}

/** Names and codes of errors are identifiers; whatever else stands there is not repeated. */
function identifierOr(text: string, otherwise: string): ContentFreeText {
  return (/^[A-Za-z0-9_]{1,48}$/.test(text) ? text : otherwise) as ContentFreeText;
}
