// Handles of devices without E2EE (SPEC.md section 14): a token in the clear, where the operator allows it for the app.
import { randomBytes } from 'node:crypto';
import { decodeBase64url, encodeBase64url } from '../../protocol/wire/base64url.ts';
import type { BareHandleAnswer, BareHandleRequest } from '../../protocol/wire/bouncer-api.ts';
import { ACTIVE_HANDLES_PER_TOKEN_MAX, HANDLE_BYTES } from '../../protocol/wire/limits.ts';
import { ProblemError } from '../../protocol/wire/problem.ts';
import type { AppConfig } from '../apps.ts';
import { type HandleTable, transact } from '../store/database.ts';
import { endHandles, readActiveHandles, startOfDay, unixDay } from '../store/handles.ts';
import type { Store } from '../store/open-store.ts';
import type { Caller } from '../store/servers.ts';
import { checkTarget, isTokenOf } from './target.ts';

/**
 * POST /v1/bare-handles; the same token again gets the same handle.
 * @throws ProblemError `unknown_app`, `wrong_environment`, `push_token_refused`, `bare_tokens_refused`
 */
export async function requestBareHandle(
  store: Store,
  apps: ReadonlyMap<string, AppConfig>,
  caller: Caller,
  request: BareHandleRequest,
  nowSeconds: number,
): Promise<BareHandleAnswer> {
  const app = checkTarget(apps, request);
  if (app.bareTokens === 'refused') throw new ProblemError('bare_tokens_refused');
  const token = decodeBase64url(request.token);
  if (!isTokenOf(request.platform, token)) throw new ProblemError('push_token_refused');
  const tokenMac = store.storageKey.tokenMac(request.platform, token);
  return await transact(store.database, async (transaction) => {
    const active = await readActiveHandles(transaction, caller.origin, tokenMac);
    if (active.some((row) => row.kind === 'sealed')) throw new ProblemError('bare_tokens_refused');
    const known = active.find((row) => isSameTarget(row, request));
    if (known !== undefined) return { handle: known.handle };
    const surplus = active.slice(0, Math.max(0, active.length + 1 - ACTIVE_HANDLES_PER_TOKEN_MAX));
    await endHandles(transaction, surplus, startOfDay(nowSeconds), nowSeconds);
    const handle = encodeBase64url(randomBytes(HANDLE_BYTES));
    await transaction
      .insertInto('handles')
      .values({
        handle,
        origin: caller.origin,
        kind: 'bare',
        app_id: request.app_id,
        platform: request.platform,
        environment: request.environment,
        token: store.storageKey.seal('push token', handle, token),
        token_mac: tokenMac,
        state: 'active',
        pending_until: nowSeconds,
        activated_at: nowSeconds,
        gone_since: null,
        used_day: unixDay(nowSeconds),
        attempt: null,
        forget_at: null,
      })
      .execute();
    return { handle };
  });
}

function isSameTarget(row: HandleTable, request: BareHandleRequest): boolean {
  return row.app_id === request.app_id && row.environment === request.environment;
}
