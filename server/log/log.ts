// The log: a closed table of events, JSON lines on standard output. Fields are content-free by type: requests, headers,
// tokens, handles and payloads have no way in.
import { pino } from 'pino';
import type { ContentFree, ContentFreeText, ErrorFields } from './content-free.ts';

type NoFields = Readonly<Record<string, never>>;
interface DeviceField {
  readonly device: ContentFreeText;
}

/** Every event that this program logs, with its fields. */
export interface LogEvents {
  readonly ready: { readonly address: ContentFreeText };
  readonly stopping: NoFields;
  readonly stopped: NoFields;
  readonly certificate_reloaded: NoFields;
  readonly certificate_refused: ErrorFields;
  readonly request_failed: ErrorFields;
  readonly job_failed: ErrorFields;
  readonly event_sealed: { readonly sequence: number; readonly sealed: number; readonly done: boolean };
  readonly event_unreadable: { readonly sequence: number };
  readonly device_skipped: DeviceField & { readonly reason: ContentFreeText };
  readonly seal_failed: DeviceField & { readonly code: ContentFreeText };
  readonly key_lost: DeviceField;
  readonly keys_lost: { readonly keys: number };
  readonly devices_wait: { readonly devices: number };
  readonly batch_answered: {
    readonly items: number;
    readonly accepted: number;
    readonly gone: number;
    readonly retry: number;
    readonly refused: number;
  };
  readonly batch_refused: {
    readonly items: number;
    readonly http_status: number;
    readonly retry_after_seconds: number;
  };
  readonly batch_unanswered: ErrorFields & { readonly items: number };
  readonly item_refused: DeviceField & { readonly code: ContentFreeText };
  readonly handle_gone: DeviceField;
  readonly many_handles_gone: { readonly gone: number; readonly devices: number };
  readonly items_expired: { readonly items: number };
  readonly registration_active: DeviceField;
  readonly registration_ended: DeviceField;
  readonly bouncer_keys_fetched: NoFields;
  readonly bouncer_keys_unavailable: { readonly known: boolean };
  readonly chains_stepped: { readonly keys: number };
  readonly clock_jumped: { readonly days: number };
  readonly clock_behind: { readonly days: number };
  readonly clock_set_back: { readonly seconds: number };
}

export type LogEvent = keyof LogEvents;
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
export const LOG_LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

const LEVELS: Readonly<Record<LogEvent, LogLevel>> = {
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
  devices_wait: 'warn',
  batch_answered: 'info',
  batch_refused: 'warn',
  batch_unanswered: 'warn',
  item_refused: 'warn',
  handle_gone: 'info',
  many_handles_gone: 'error',
  items_expired: 'warn',
  registration_active: 'info',
  registration_ended: 'info',
  bouncer_keys_fetched: 'info',
  bouncer_keys_unavailable: 'warn',
  chains_stepped: 'info',
  clock_jumped: 'error',
  clock_behind: 'warn',
  clock_set_back: 'warn',
};

/** The fields of an event and no others, also where they come in a variable. */
type Exactly<Fields, Given> = Given & Record<Exclude<keyof Given, keyof Fields>, never>;

export interface Log {
  write<Event extends LogEvent, Given extends LogEvents[Event]>(
    event: Event,
    fields: Exactly<LogEvents[Event], Given>,
  ): void;
  /** How often an event was written since the start of the process, whatever the level. */
  count(event: LogEvent): number;
}

/** JSON lines on standard output, from this level up. */
export function buildLog(level: LogLevel): Log {
  const logger = pino({ level, base: null, messageKey: 'event', timestamp: pino.stdTimeFunctions.isoTime });
  const counts = new Map<LogEvent, number>();
  return {
    write(event, fields) {
      counts.set(event, (counts.get(event) ?? 0) + 1);
      const line: Readonly<Record<string, ContentFree>> = { ...fields };
      logger[LEVELS[event]](line, event);
    },
    count: (event) => counts.get(event) ?? 0,
  };
}
