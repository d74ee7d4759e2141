// The log: a closed table of events, JSON lines on standard output. Fields are content-free by type.
import { destination, type Logger, pino } from 'pino';
import type { ContentFree, ContentFreeText } from './content-free.ts';

/** Every event that this program logs, with its fields. */
export interface LogEvents {
  readonly ready: { readonly address: ContentFreeText };
  readonly stopping: Readonly<Record<string, never>>;
  readonly stopped: Readonly<Record<string, never>>;
  readonly certificate_reloaded: Readonly<Record<string, never>>;
  readonly certificate_reload_failed: { readonly code: ContentFreeText };
  readonly key_files_reloaded: Readonly<Record<string, never>>;
  readonly key_files_reload_failed: Readonly<Record<string, never>>;
  readonly key_list_expires: { readonly in_seconds: number };
  readonly answered: {
    readonly route: ContentFreeText;
    readonly http_status: number;
    readonly duration_ms: number;
  };
  readonly notified: {
    readonly route: ContentFreeText;
    readonly server: ContentFreeText;
    readonly accepted: number;
    readonly gone: number;
    readonly retry: number;
    readonly refused: number;
  };
  readonly challenge_sent: { readonly app: ContentFreeText; readonly accepted: boolean };
  readonly provider_refused: {
    readonly app: ContentFreeText;
    readonly provider: ContentFreeText;
    readonly http_status: number;
    readonly reason: ContentFreeText;
  };
  readonly provider_misconfigured: {
    readonly app: ContentFreeText;
    readonly provider: ContentFreeText;
    readonly http_status: number;
    readonly reason: ContentFreeText;
  };
  readonly provider_unreachable: { readonly provider: ContentFreeText; readonly code: ContentFreeText };
  readonly provider_went_away: {
    readonly provider: ContentFreeText;
    readonly code: number;
    readonly reason: ContentFreeText;
  };
  readonly app_not_configured: { readonly app: ContentFreeText };
  readonly stored_value_unreadable: { readonly handle: ContentFreeText };
  readonly internal_error: { readonly code: ContentFreeText; readonly place: ContentFreeText };
}

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const LEVELS: Readonly<Record<keyof LogEvents, LogLevel>> = {
  ready: 'info',
  stopping: 'info',
  stopped: 'info',
  certificate_reloaded: 'info',
  certificate_reload_failed: 'error',
  key_files_reloaded: 'info',
  key_files_reload_failed: 'error',
  key_list_expires: 'warn',
  answered: 'debug',
  notified: 'debug',
  challenge_sent: 'debug',
  provider_refused: 'debug',
  provider_misconfigured: 'error',
  provider_unreachable: 'warn',
  provider_went_away: 'info',
  app_not_configured: 'error',
  stored_value_unreadable: 'error',
  internal_error: 'error',
};

/** Writes one event. */
export type Log = <E extends keyof LogEvents>(event: E, fields: LogEvents[E]) => void;

/** A log whose every event is also a counter. */
export type CountingLog = Log & {
  /** How often an event came since the start of the process, whether its line was written or not. */
  readonly count: (event: keyof LogEvents) => number;
};

/** A fault of a provider comes once per notification; the same line is written once in this time. */
const REPEAT_AFTER_MS = 10_000;
const LINES_REMEMBERED_MAX = 1_000;

/** JSON lines on standard output, from this level up. */
export function buildLog(level: LogLevel): CountingLog {
  const logger: Logger = pino({ level, base: null }, destination({ fd: 1, sync: true }));
  const lastWritten = new Map<string, number>();
  const counts = new Map<keyof LogEvents, number>();
  const write: Log = (event, fields) => {
    counts.set(event, (counts.get(event) ?? 0) + 1);
    const line: Record<string, ContentFree> = { event: event as ContentFreeText, ...fields };
    const severity = LEVELS[event];
    if (severity === 'warn' || severity === 'error') {
      const text = JSON.stringify(line);
      const now = performance.now();
      if (now - (lastWritten.get(text) ?? Number.NEGATIVE_INFINITY) < REPEAT_AFTER_MS) return;
      if (lastWritten.size >= LINES_REMEMBERED_MAX) lastWritten.clear();
      lastWritten.set(text, now);
    }
    logger[severity](line);
  };
  return Object.assign(write, { count: (event: keyof LogEvents) => counts.get(event) ?? 0 });
}
