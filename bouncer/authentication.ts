// Who calls (SPEC.md section 13): HTTP Basic `server_id:api_key`. An unknown server and a wrong key are answered alike.
import type { FastifyRequest } from 'fastify';
import { apiKeySchema, serverIdSchema } from '../protocol/wire/ids.ts';
import { ProblemError } from '../protocol/wire/problem.ts';
import type { BouncerDatabase } from './store/database.ts';
import { type Caller, readCaller } from './store/servers.ts';

const CREDENTIALS = /^basic ([A-Za-z0-9+/]{4,128}={0,2})$/i;

/** What the header carries. */
interface Credential {
  readonly serverId: string;
  readonly apiKey: string;
}

/** @throws ProblemError `not_authenticated` */
export async function authenticate(database: BouncerDatabase, request: FastifyRequest): Promise<Caller> {
  const credential = parseCredential(request.headers.authorization);
  const caller =
    credential === null ? null : await readCaller(database, credential.serverId, credential.apiKey);
  if (caller === null) throw new ProblemError('not_authenticated');
  return caller;
}

function parseCredential(header: string | undefined): Credential | null {
  const encoded = CREDENTIALS.exec(header ?? '')?.[1];
  if (encoded === undefined) return null;
  const [serverId, apiKey, ...more] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
  if (serverId === undefined || apiKey === undefined || more.length > 0) return null;
  if (!serverIdSchema.safeParse(serverId).success || !apiKeySchema.safeParse(apiKey).success) return null;
  return { serverId, apiKey };
}
