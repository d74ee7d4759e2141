// Whatever step opening fails at, the world outside sees the same (SPEC.md section 11.1): the placeholder, no request,
// and a next start like every other.
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { encodeInfo, encodePskId } from '../../protocol/content/info.ts';
import { nativeBackend } from '../../protocol/crypto/backend-native.ts';
import { prepareSender, sealHpke } from '../../protocol/crypto/hpke.ts';
import { derivePsk } from '../../protocol/crypto/ratchet.ts';
import { decodeBase64url, encodeBase64url } from '../../protocol/wire/base64url.ts';
import { encodeEnvelope } from '../../protocol/wire/envelope.ts';
import { findSuite } from '../../protocol/wire/suites.ts';
import { APP_ID, type ChatStandIn } from './chat-stand-in.ts';
import { command, isEvent, type PhoneField, startPhoneField, WAIT_MS } from './phone-field.ts';

let field: PhoneField;
let chat: ChatStandIn;

beforeAll(async () => {
  field = await startPhoneField();
  chat = field.chat;
});
afterEach(() => field.clear());
afterAll(() => field.close());

/** An authentic envelope for the only registration, around any plaintext and of any epoch. */
function seal(plaintext: Uint8Array, epoch = 0): Uint8Array {
  const { key, request } = chat.only;
  const suite = findSuite(key.suite, 'notification');
  const kid = decodeBase64url(key.kid);
  const psk = {
    psk: derivePsk(nativeBackend, decodeBase64url(key.chain)),
    pskId: encodePskId(kid, epoch),
  };
  const registrationId = decodeBase64url(request.registration_id);
  const info = encodeInfo({ suite, kid, origin: chat.origin, appId: APP_ID, registrationId });
  const sender = prepareSender(nativeBackend, suite, decodeBase64url(key.public_key), info, psk);
  const sealed = sealHpke(nativeBackend, sender, plaintext);
  return encodeEnvelope(suite, kid, epoch, sealed.enc, sealed.ciphertext);
}

/** A plaintext of the default bucket that begins with these bytes. */
function filled(...bytes: readonly number[]): Uint8Array {
  const plaintext = new Uint8Array(1856);
  plaintext.set(bytes);
  return plaintext;
}

function bent(envelope: Uint8Array, index: number, value?: number): Uint8Array {
  const changed = envelope.slice();
  changed[index] = value ?? (changed[index] as number) ^ 1;
  return changed;
}

/** One `e` for each way to fail, by the diagnostic that the phone keeps to itself. */
function failures(): readonly (readonly [string, string])[] {
  const good = seal(filled(0, 1, 0xa0));
  const text = encodeBase64url;
  return [
    ['base64url', `${text(good)}=`],
    ['length', text(good.slice(1))],
    ['suite', text(bent(good, 0, 0xc5))],
    ['registration', text(bent(good, 1))],
    ['epoch', text(seal(filled(0, 1, 0xa0), 1024))],
    ['aead', text(bent(good, good.length - 1))],
    ['padding', text(seal(filled(0, 0)))],
    ['cbor', text(seal(filled(0, 1, 0xff)))],
    ['schema', text(good)],
  ];
}

test.each(['iphone', 'android'])(
  '%s: at whatever step opening fails, the placeholder is the same and nobody is asked anything [R-ERR-01] [R-REC-01] [R-REC-10]',
  { timeout: 60_000 },
  async (kind) => {
    const { phone, ready } = await field.launchReady(kind);
    const shown = new Set<string>();
    const diagnostics = new Set<unknown>();
    const starts = new Set<string>();
    for (const [step, e] of failures()) {
      const calls = chat.calls.length;
      const lines = phone.lines.length;
      await chat.pushAgain(e, { collapse: `step-${step}` });
      const { diagnostic, identifier, ...rest } = await phone.waitFor(isEvent('placeholder'), WAIT_MS, lines);
      shown.add(JSON.stringify(rest));
      diagnostics.add(diagnostic);
      expect(identifier, step).toBe(kind === 'iphone' ? `step-${step}` : 'placeholder');
      await command(phone, 'state');
      expect(chat.calls.slice(calls), `requests after ${step}`).toEqual([]);
      await command(phone, 'restart_app');
      starts.add(chat.calls.slice(calls).join(', '));
    }
    expect(diagnostics.size).toBe(8); // what is not base64url has no length either
    expect([...shown]).toEqual([JSON.stringify({ event: 'placeholder', text: 'New notification' })]);
    expect([...starts]).toEqual([`GET /v1/push, GET /v1/push/registrations/${ready['registration_id']}`]);
  },
);
