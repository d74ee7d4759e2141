// Everything that each party got, kept or wrote, as bytes to search: the chat server's files, the bouncer's requests, files
// and log, the providers' requests and log.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findSecret } from '../find-secret.ts';
import { readProviderRecord } from '../stack/provider-record.ts';
import type { Stack } from '../stack/stack.ts';

/** The ways by which a text could reach somebody. */
export const CHANNELS = [
  'chat server, database',
  'chat server, log',
  'bouncer, requests',
  'bouncer, database',
  'bouncer, log',
  'Apple, requests',
  'Google, requests',
  'Apple and Google, log',
] as const;
export type Channel = (typeof CHANNELS)[number];

/** The one channel in which the text belongs. */
export const EXPECTED_CHANNEL: Channel = 'chat server, database';

/** Channel → the encodings in which it holds one of the texts. Databases are read with their journals. */
export type Finding = ReadonlyMap<Channel, readonly string[]>;

export async function searchChannels(stack: Stack, texts: readonly string[]): Promise<Finding> {
  const views = await readChannels(stack);
  const search = (view: readonly Buffer[]): readonly string[] => [
    ...new Set(view.flatMap((bytes) => texts.flatMap((text) => findSecret(bytes, text)))),
  ];
  return new Map(CHANNELS.map((channel) => [channel, search(views[channel])]));
}

/** Whether the texts are nowhere but where they belong. */
export function isSealed(finding: Finding): boolean {
  return [...finding].every(([channel, encodings]) => channel === EXPECTED_CHANNEL || encodings.length === 0);
}

async function readChannels(stack: Stack): Promise<Record<Channel, readonly Buffer[]>> {
  const record = await readProviderRecord(stack.addresses.devices, stack.agent);
  const pushes = (provider: string): Buffer[] =>
    record
      .filter((entry) => entry.provider === provider)
      .flatMap((entry) => [Buffer.from(JSON.stringify(entry)), Buffer.from(entry.body)]);
  return {
    'chat server, database': await readFolder(stack.files.server),
    'chat server, log': [Buffer.from(await stack.readLog('server'))],
    'bouncer, requests': stack.tap.exchanges.flatMap((exchange) => [
      Buffer.from(JSON.stringify(exchange)),
      Buffer.from(exchange.body),
    ]),
    'bouncer, database': await readFolder(stack.files.bouncer),
    'bouncer, log': [Buffer.from(await stack.readLog('bouncer'))],
    'Apple, requests': pushes('apns'),
    'Google, requests': pushes('fcm'),
    'Apple and Google, log': [Buffer.from(await stack.readLog('providers'))],
  };
}

/** Every file of a folder: databases with their journals, keys, lists. */
async function readFolder(folder: string): Promise<readonly Buffer[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile());
  return Promise.all(files.map((entry) => readFile(join(entry.parentPath, entry.name))));
}
