// `servers …`: chat servers enrolled by the operator's hand (SPEC.md section 5).
import { randomBytes } from 'node:crypto';
import { type Command, InvalidArgumentError } from 'commander';
import { API_KEY_BYTES, SERVER_ID_BYTES } from '../../protocol/wire/limits.ts';
import { isOrigin } from '../../protocol/wire/origin.ts';
import { ConfigurationError, parseStoreConfig } from '../config.ts';
import type { BouncerDatabase } from '../store/database.ts';
import { openStore } from '../store/open-store.ts';
import { hashApiKey, readServers, writeServer } from '../store/servers.ts';

const CONTACT_CHARACTERS_MAX = 320;

/** The environment of the process: where the store is. */
export type Environment = Readonly<Record<string, string | undefined>>;

export function addServersCommands(program: Command, environment: Environment): void {
  const servers = program.command('servers').description('chat servers that may use this bouncer');
  servers
    .command('enrol')
    .description('enrol a server; prints its credential, this once')
    .requiredOption('--origin <origin>', 'https://host[:port] of the chat server', parseOrigin)
    .requiredOption('--contact <mail>', 'whom to write to', parseContact)
    .action(async (options: { readonly origin: string; readonly contact: string }) => {
      await withDatabase(
        environment,
        async (database) => await enrol(database, options.origin, options.contact),
      );
    });
  servers
    .command('list')
    .description('list the enrolled servers')
    .action(async () => {
      await withDatabase(environment, async (database) => ({ servers: await readServers(database) }));
    });
}

export function parseOrigin(text: string): string {
  if (!isOrigin(text))
    throw new InvalidArgumentError('An origin is https://host or https://host:port, in lower case.');
  return text;
}

function parseContact(text: string): string {
  if (text.length > CONTACT_CHARACTERS_MAX || !/^[^\s@]+@[^\s@]+$/.test(text)) {
    throw new InvalidArgumentError('A contact is a mail address.');
  }
  return text;
}

async function enrol(database: BouncerDatabase, origin: string, contact: string): Promise<unknown> {
  const serverId = randomBytes(SERVER_ID_BYTES).toString('base64url');
  const apiKey = randomBytes(API_KEY_BYTES).toString('base64url');
  const createdAt = Math.floor(Date.now() / 1000);
  const server = { server_id: serverId, origin, contact, created_at: createdAt };
  if (!(await writeServer(database, server, hashApiKey(apiKey)))) {
    throw new ConfigurationError('that origin is enrolled already');
  }
  return { server_id: serverId, api_key: apiKey };
}

async function withDatabase(
  environment: Environment,
  run: (database: BouncerDatabase) => Promise<unknown>,
): Promise<void> {
  const { database } = await openStore(parseStoreConfig(environment));
  try {
    console.log(JSON.stringify(await run(database)));
  } finally {
    await database.destroy();
  }
}
