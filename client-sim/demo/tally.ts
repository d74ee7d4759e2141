// Accounts for every (message, phone) of a run: shown, or exactly one reason why not.

import { z } from 'zod';
import { type OpeningKey, openEnvelope } from '../../protocol/content/open/open.ts';
import { nativeBackend } from '../../protocol/crypto/backend-native.ts';
import { decodeBase64url } from '../../protocol/wire/base64url.ts';
import { hex } from '../../protocol/wire/bytes.ts';
import { decodeEnvelope } from '../../protocol/wire/envelope.ts';
import { findSuite } from '../../protocol/wire/suites.ts';
import type { PhoneProcess } from '../stack/phone-process.ts';
import { envelopeOf, type ProviderEntry } from '../stack/provider-record.ts';
import { isGraphemePrefix } from './grapheme-prefix.ts';

/** A message that the chat server accepted. */
export interface SentMessage {
  readonly messageId: number;
  readonly sender: string;
  readonly text: string;
  readonly recipients: readonly string[];
}

/** What can become of a notification on its way to a phone. */
type Fate = 'shown' | 'superseded' | 'expired' | 'gone' | 'failed';

/** Totals over (message, phone). `truncated` are among the shown. */
export interface Tally {
  readonly shown: number;
  readonly truncated: number;
  readonly superseded: number;
  readonly expired: number;
  readonly gone: number;
  readonly failed: number;
}

const inboxSchema = z.object({
  inbox: z.array(
    z.object({
      reference: z.union([z.int(), z.string(), z.null()]),
      text: z.string(),
      truncated: z.boolean(),
      alerted: z.int(),
    }),
  ),
});
const keysSchema = z.object({
  keys: z.array(
    z.object({
      kid: z.string(),
      suite: z.int(),
      private_key: z.string(),
      epoch: z.int(),
      chain: z.string(),
      keep_days: z.int(),
      origin: z.string(),
      app_id: z.string(),
      registration_id: z.string(),
    }),
  ),
});

/** What the providers say of a token that is no more. */
const DEAD_TOKEN: ReadonlySet<string> = new Set(['Unregistered', 'ExpiredToken', 'UNREGISTERED']);

type InboxEntry = z.infer<typeof inboxSchema>['inbox'][number];

/** The fates of the messages that a phone should show. */
export async function tallyPhone(
  phone: PhoneProcess,
  expected: readonly SentMessage[],
  record: readonly ProviderEntry[],
): Promise<Tally> {
  const state = await phone.command('state', { keys: true });
  const inbox = new Map<number | string | null, InboxEntry[]>();
  for (const entry of inboxSchema.parse(state).inbox) {
    inbox.set(entry.reference, [...(inbox.get(entry.reference) ?? []), entry]);
  }
  const missing = expected.filter(({ messageId }) => !inbox.has(messageId));
  const outcomes = missing.length === 0 ? new Map() : outcomesByReference(readKeys(state), record);
  const tally = { shown: 0, truncated: 0, superseded: 0, expired: 0, gone: 0, failed: 0 };
  for (const message of expected) {
    const entries = inbox.get(message.messageId) ?? [];
    const fate =
      entries.length > 0 ? fateOfShown(message, entries) : fateOfMissing(outcomes.get(message.messageId));
    tally[fate] += 1;
    if (fate === 'shown' && entries[0]?.truncated) tally.truncated += 1;
  }
  return tally;
}

export function addTallies(tallies: readonly Tally[]): Tally {
  const total = { shown: 0, truncated: 0, superseded: 0, expired: 0, gone: 0, failed: 0 };
  for (const tally of tallies) {
    for (const name of Object.keys(total) as (keyof Tally)[]) total[name] += tally[name];
  }
  return total;
}

/** Shown means: once, sounding once, with the whole text or a flagged prefix of whole graphemes. */
function fateOfShown(message: SentMessage, entries: readonly InboxEntry[]): Fate {
  const [entry, ...more] = entries as [InboxEntry, ...InboxEntry[]];
  if (more.length > 0 || entry.alerted !== 1) return 'failed';
  const right = entry.truncated
    ? isGraphemePrefix(entry.text, message.text)
    : entry.text === message.text.toWellFormed();
  return right ? 'shown' : 'failed';
}

function fateOfMissing(outcome: string | undefined): Fate {
  return outcome === 'superseded' || outcome === 'expired' || outcome === 'gone' ? outcome : 'failed';
}

/** Reference → what the provider says became of the push, for pushes to these keys. */
function outcomesByReference(
  keys: readonly OpeningKey[],
  record: readonly ProviderEntry[],
): Map<number, string> {
  const outcomes = new Map<number, string>();
  for (const entry of record) {
    const envelope = envelopeOf(entry);
    if (envelope === null) continue;
    const reference = openReference(keys, decodeBase64url(envelope));
    if (reference !== null)
      outcomes.set(reference, DEAD_TOKEN.has(entry.reason ?? '') ? 'gone' : entry.outcome);
  }
  return outcomes;
}

function openReference(keys: readonly OpeningKey[], envelope: Uint8Array): number | null {
  const kid = hex(decodeEnvelope(envelope).kid);
  const key = keys.find((known) => hex(known.kid) === kid);
  const payload = key === undefined ? null : openEnvelope(nativeBackend, envelope, () => key)?.payload;
  if (payload?.kind !== 'message' || typeof payload.message.reference !== 'number') return null;
  return payload.message.reference;
}

function readKeys(state: unknown): readonly OpeningKey[] {
  return keysSchema.parse(state).keys.map((key) => ({
    kid: decodeBase64url(key.kid),
    suite: findSuite(key.suite, 'notification'),
    privateKey: decodeBase64url(key.private_key),
    epoch: key.epoch,
    chain: decodeBase64url(key.chain),
    keepDays: key.keep_days,
    origin: key.origin,
    appId: key.app_id,
    registrationId: decodeBase64url(key.registration_id),
  }));
}
