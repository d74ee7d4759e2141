// The app's own revocation (SPEC.md section 6): at the bouncer, without account, for good. It is queued durably and
// sent until the bouncer has answered, so that a sign-out without network holds.
import type { Dispatcher } from 'undici';
import type { CryptoBackend } from '../../protocol/crypto/backend.ts';
import { revocationMac } from '../../protocol/registration/challenge.ts';
import { encodeBase64url } from '../../protocol/wire/base64url.ts';
import type { RevocationRequest } from '../../protocol/wire/bouncer-api.ts';
import { callHttps } from './https-client.ts';
import type { Attempt, PhoneState, QueuedRevocation, Registration } from './state.ts';
import type { StateFile } from './state-file.ts';

/** The state with an attempt's revocation in the queue. */
export function queueRevocation(
  backend: CryptoBackend,
  state: PhoneState,
  registration: Registration,
  { attempt, confirmKey, infoHash, bouncerOrigin }: Attempt,
): PhoneState {
  const revocation: QueuedRevocation = {
    bouncerOrigin,
    origin: registration.origin,
    attempt,
    mac: revocationMac(backend, confirmKey, attempt, infoHash),
  };
  return { ...state, revocations: [...state.revocations, revocation] };
}

/** Sends what is queued; each leaves the queue once it is answered. @throws CallError if one was not */
export async function sendRevocations(file: StateFile, dispatcher: Dispatcher): Promise<void> {
  let failure: unknown = null;
  for (const revocation of file.state.revocations) {
    try {
      await sendRevocation(dispatcher, revocation);
    } catch (error) {
      failure ??= error;
      continue;
    }
    file.update((state) => ({
      ...state,
      revocations: state.revocations.filter(
        ({ attempt }) => Buffer.compare(attempt, revocation.attempt) !== 0,
      ),
    }));
    await file.commit();
  }
  if (failure !== null) throw failure;
}

async function sendRevocation(dispatcher: Dispatcher, revocation: QueuedRevocation): Promise<void> {
  const body: RevocationRequest = {
    origin: revocation.origin,
    attempt: encodeBase64url(revocation.attempt),
    mac: encodeBase64url(revocation.mac),
  };
  await callHttps(dispatcher, {
    method: 'POST',
    url: `${revocation.bouncerOrigin}/v1/revocations`,
    body,
  });
}
