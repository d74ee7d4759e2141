// Chat servers that are enrolled, and the hashes of their API keys (SPEC.md section 5).
import { createHash, timingSafeEqual } from 'node:crypto';
import { decodeBase64url } from '../../protocol/wire/base64url.ts';
import { type BouncerDatabase, type ServerTable, transact } from './database.ts';

/** Who calls. */
export interface Caller {
  readonly serverId: string;
  readonly origin: string;
}

/** What is compared where there is nothing to compare with, so that an unknown server takes as long as a known one. */
const NO_KEY_HASH = new Uint8Array(32);

/** SHA-256 of an API key's bytes, in base64url. */
export function hashApiKey(apiKey: string): string {
  return createHash('sha256').update(decodeBase64url(apiKey)).digest('base64url');
}

/** Enrols a server; false if the origin is enrolled already. */
export async function writeServer(
  database: BouncerDatabase,
  server: ServerTable,
  keyHash: string,
): Promise<boolean> {
  return await transact(database, async (transaction) => {
    const { numInsertedOrUpdatedRows } = await transaction
      .insertInto('servers')
      .values(server)
      .onConflict((conflict) => conflict.column('origin').doNothing())
      .executeTakeFirstOrThrow();
    if (numInsertedOrUpdatedRows !== 1n) return false;
    await transaction
      .insertInto('api_keys')
      .values({
        server_id: server.server_id,
        slot: 0,
        key_hash: keyHash,
        created_at: server.created_at,
      })
      .execute();
    return true;
  });
}

export async function readServers(database: BouncerDatabase): Promise<ServerTable[]> {
  return await database.selectFrom('servers').selectAll().orderBy('origin').execute();
}

/** Null for an unknown server and for a wrong key alike, after the same work. */
export async function readCaller(
  database: BouncerDatabase,
  serverId: string,
  apiKey: string,
): Promise<Caller | null> {
  const rows = await database
    .selectFrom('api_keys')
    .innerJoin('servers', 'servers.server_id', 'api_keys.server_id')
    .select(['servers.origin', 'api_keys.key_hash'])
    .where('api_keys.server_id', '=', serverId)
    .where('api_keys.slot', 'in', [0, 1])
    .execute();
  const given = Buffer.from(hashApiKey(apiKey), 'base64url');
  let origin: string | null = null;
  for (const slot of [0, 1]) {
    const row = rows[slot];
    const known = row === undefined ? NO_KEY_HASH : Buffer.from(row.key_hash, 'base64url');
    if (timingSafeEqual(given, known) && row !== undefined) origin = row.origin;
  }
  return origin === null ? null : { serverId, origin };
}
