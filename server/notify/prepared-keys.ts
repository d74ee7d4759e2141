// Keys made ready to be sealed to, for one job: several events for a device cost one preparation. What is prepared holds
// the day's PSK, so it must not outlive the job (SPEC.md section 4.2).
import type { Selectable } from 'kysely';
import { type PreparedKey, prepareSealingKey } from '../../protocol/content/seal/seal.ts';
import { decodeBase64url } from '../../protocol/wire/base64url.ts';
import { findSuite } from '../../protocol/wire/suites.ts';
import type { NotifyContext } from './context.ts';
import type { NotifyTables } from './tables.ts';

type Registration = Pick<Selectable<NotifyTables['push_registrations']>, 'registration_id' | 'app_id'>;

export class PreparedKeys {
  readonly #context: NotifyContext;
  readonly #prepared = new Map<string, PreparedKey>();

  constructor(context: NotifyContext) {
    this.#context = context;
  }

  /** Null if the chain value cannot be read any more. @throws ProtocolError for a key that nothing can be sealed to */
  prepare(registration: Registration, key: Selectable<NotifyTables['push_keys']>): PreparedKey | null {
    const name = `${registration.registration_id} ${key.kid} ${key.epoch}`;
    const known = this.#prepared.get(name);
    if (known !== undefined) return known;
    const { backend, storageKey, origin } = this.#context;
    const chain = storageKey.openChain(key, key.chain);
    if (chain === null) return null;
    const prepared = prepareSealingKey(backend, {
      suite: findSuite(key.suite, 'notification'),
      publicKey: key.public_key,
      kid: decodeBase64url(key.kid),
      epoch: key.epoch,
      chain,
      origin,
      appId: registration.app_id,
      registrationId: decodeBase64url(registration.registration_id),
    });
    this.#prepared.set(name, prepared);
    return prepared;
  }
}
