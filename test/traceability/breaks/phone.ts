// What the app does with keys, chains, attempts and accounts: sections 4 to 6 and 10.
import type { Break } from '../breaks.ts';

export const PHONE_BREAKS: readonly Break[] = [
  {
    id: 'R-KEY-02',
    file: 'client-sim/phone/keyring.ts',
    before: 'chain: backend.randomBytes(CHAIN_BYTES),',
    after: 'chain: new Uint8Array(CHAIN_BYTES),',
    test: 'test/phone/fresh.test.ts',
  },
  {
    id: 'R-KEY-03',
    file: 'client-sim/phone/keyring.ts',
    before: 'while (findKey(state, kid) !== null) kid = backend.randomBytes(KID_BYTES);',
    after: 'if (findKey(state, kid) !== null) kid = backend.randomBytes(KID_BYTES);',
    test: 'test/phone/reconcile.test.ts',
  },
  {
    id: 'R-KEY-04',
    file: 'client-sim/phone/enrolment.ts',
    before:
      '  account.dropOutdatedKey(registration);\n  const current = account.registration as Registration;\n  if (newestKey(current) === null) account.makeKey(current, found.keepDaysMax);\n  const held = account.registration as Registration;\n  if (currentAttempt(held)?.token !== account.token) account.makeAttempt(held, found);\n  await account.commit();',
    after:
      '  account.dropOutdatedKey(registration);\n  const current = account.registration as Registration;\n  if (newestKey(current) === null) account.makeKey(current, found.keepDaysMax);\n  const held = account.registration as Registration;\n  if (currentAttempt(held)?.token !== account.token) account.makeAttempt(held, found);',
    test: 'test/phone/account.test.ts',
  },
  {
    id: 'R-KEY-05',
    file: 'client-sim/phone/keyring.ts',
    before: 'public_key: encodeBase64url(key.publicKey),',
    after:
      'public_key: encodeBase64url(key.publicKey),\n    ...{ private_key: encodeBase64url(key.privateKey) },',
    test: 'test/phone/secrets.test.ts',
  },
  {
    id: 'R-KEY-10',
    file: 'client-sim/phone/suite-floor.ts',
    before: 'return Math.max(preferredId, floor?.suiteId ?? 0);',
    after: 'void floor;\n  return preferredId;',
    test: 'test/phone/suites.test.ts',
  },
  {
    id: 'R-RAT-01',
    file: 'client-sim/phone/receipt.ts',
    before: 'identifier: delivered.identifier }),',
    after: 'identifier: encodeBase64url(derivePsk(nativeBackend, key.chain)) }),',
    test: 'test/phone/fresh.test.ts',
    also: [
      {
        file: 'client-sim/phone/receipt.ts',
        before: "import { findEntry } from './inbox.ts';",
        after:
          "import { derivePsk } from '../../protocol/crypto/ratchet.ts';\nimport { nativeBackend } from '../../protocol/crypto/backend-native.ts';\nimport { findEntry } from './inbox.ts';",
      },
    ],
  },
  {
    id: 'R-RAT-11',
    file: 'protocol/content/open/open.ts',
    before: 'if (ahead < 0 || ahead > EPOCHS_AHEAD_MAX)',
    after: 'if (ahead < 0 || ahead > EPOCHS_AHEAD_MAX + 1)',
    test: 'test/content/seal-open.test.ts',
  },
  {
    id: 'R-RAT-12',
    file: 'protocol/content/open/open.ts',
    before: 'envelope.epoch - key.keepDays - 1',
    after: 'envelope.epoch - key.keepDays',
    test: 'test/content/seal-open.test.ts',
  },
  {
    id: 'R-RAT-13',
    file: 'protocol/content/open/open.ts',
    before: 'return { key, epoch: envelope.epoch, advanced, ...decode(padded) };',
    after:
      'const decoded = decode(padded);\n  return { key, epoch: envelope.epoch, advanced: decoded.payload === null ? key : advanced, ...decoded };',
    test: 'test/content/seal-open.test.ts',
  },
  {
    id: 'R-RAT-14',
    file: 'protocol/content/open/open.ts',
    before: "if (padded === null) throw failed('aead');",
    after:
      "if (padded === null) return { key, epoch: envelope.epoch, advanced: advanceKey(backend, key, key.epoch + 1), payload: null, failure: 'aead' };",
    test: 'test/phone/ios-extension.test.ts',
  },
  {
    id: 'R-ROT-02',
    file: 'client-sim/phone/reconcile.ts',
    before: 'present.now - key.madeAt >= KEY_LIFE_SECONDS',
    after: 'present.now - key.madeAt >= KEY_LIFE_SECONDS * 2',
    test: 'test/phone/reconcile.test.ts',
  },
  {
    id: 'R-ROT-03',
    file: 'client-sim/phone/keyring.ts',
    before: 'key === newest || epoch < key.keepDays + 2',
    after: 'key === newest || epoch < newest.keepDays + 2',
    test: 'test/phone/reconcile.test.ts',
  },
  {
    id: 'R-ROT-05',
    file: 'client-sim/phone/keyring.ts',
    before: '.slice(-LIVE_KIDS_MAX)',
    after: '.slice(-LIVE_KIDS_MAX - 1)',
    test: 'test/phone/reconcile.test.ts',
  },
  {
    id: 'R-STA-01',
    file: 'client-sim/phone/account.ts',
    before: 'const found = await discover(this.#phone, this.#config, this.#server);',
    after:
      'const found = await discover(this.#phone, this.#config, this.#server);\n    if (this.#state.registration?.accepted === true) return this.#tellReady();',
    test: 'test/phone/account.test.ts',
  },
  {
    id: 'R-STA-02',
    file: 'client-sim/phone/enrolment.ts',
    before: 'if (key?.registered === true) account.makeKey(registration, found.keepDaysMax);',
    after: 'void key;',
    test: 'test/phone/account.test.ts',
  },
  {
    id: 'R-STA-03',
    file: 'client-sim/phone/reconcile.ts',
    before: "return key.registered ? 'replace' : 'send';",
    after: "return 'replace';",
    test: 'test/phone/reconcile.test.ts',
  },
  {
    id: 'R-STA-05',
    file: 'client-sim/phone/reconcile.ts',
    before: 'const outOfReach = status.epoch < key.epoch || status.epoch > key.epoch + EPOCHS_AHEAD_MAX;',
    after: 'const outOfReach = status.epoch > key.epoch + EPOCHS_AHEAD_MAX;',
    test: 'test/phone/app-start.test.ts',
  },
  {
    id: 'R-STA-06',
    file: 'client-sim/phone/reconcile.ts',
    before: 'const restored = status.counter < key.counter || status.sent_at < key.sentAt;',
    after: 'const restored = false;',
    test: 'test/phone/account.test.ts',
  },
  {
    id: 'R-STA-07',
    file: 'client-sim/phone/account-state.ts',
    before: 'reached - keepDays - 1',
    after: 'reached - keepDays',
    test: 'test/phone/app-start.test.ts',
  },
  {
    id: 'R-STA-08',
    file: 'client-sim/phone/reconcile.ts',
    before: 'return restored || outOfReach ||',
    after: 'return restored || status.counter > key.counter || outOfReach ||',
    test: 'test/phone/account.test.ts',
  },
  {
    id: 'R-STA-09',
    file: 'client-sim/phone/reconcile.ts',
    before: "return status.attempt_state === 'pending' && !lapsed ? 'keep' : 'replace';",
    after: "return status.attempt_state === 'pending' ? 'keep' : 'replace';",
    test: 'test/phone/reconcile.test.ts',
  },
  {
    id: 'R-LIF-01',
    file: 'client-sim/phone/account-state.ts',
    before:
      'registrations: queued.registrations.filter((known) => encodeBase64url(known.registrationId) !== id),',
    after: 'registrations: queued.registrations,',
    test: 'test/phone/account.test.ts',
  },
  {
    id: 'R-LIF-02',
    file: 'client-sim/phone/account-state.ts',
    before:
      'const queued = registration.attempts.reduce<PhoneState>(\n        (queue, attempt) => queueRevocation(backend, queue, registration, attempt),\n        state,\n      );',
    after: 'void queueRevocation;\n      void backend;\n      const queued: PhoneState = state;',
    test: 'test/phone/account.test.ts',
  },
  {
    id: 'R-REV-03',
    file: 'client-sim/phone/attempts.ts',
    before: 'const dropped = registration.attempts.filter((known) => !isKept(known));',
    after:
      "const dropped = registration.attempts.filter((known) => !isKept(known) && known.state === 'active');",
    test: 'test/phone/reconcile.test.ts',
  },
  {
    id: 'R-ORI-03',
    file: 'client-sim/phone/discovery.ts',
    before: "if (document.origin !== config.serverOrigin) throw new CallError('wrong_origin', false);",
    after: '',
    test: 'test/phone/account.test.ts',
  },
  {
    id: 'R-REC-06',
    file: 'client-sim/phone/discovery.ts',
    before: 'return { ...state, clockOffsetMs: Math.abs(offsetMs) > CLOCK_GRAIN_MS ? offsetMs : 0 };',
    after: 'return { ...state, clockOffsetMs: Math.abs(offsetMs) > CLOCK_GRAIN_MS ? 0 : offsetMs };',
    test: 'test/phone/app-start.test.ts',
  },
  {
    id: 'R-CHA-04',
    file: 'client-sim/phone/ios-extension.ts',
    before:
      "if (push.payload['c'] !== undefined) return handleChallenge(phone, identifier, push.payload['c']);",
    after:
      "if (push.payload['e'] === undefined) return handleChallenge(phone, identifier, push.payload['c']);",
    test: 'test/phone/ios-extension.test.ts',
  },
  {
    id: 'R-CHA-05',
    file: 'client-sim/phone/challenge.ts',
    before: 'const challenge = decodeChallenge(decodeBase64url(value));',
    after: 'const challenge = decodeChallenge(decodeBase64url(value).subarray(0, 48));',
    test: 'test/phone/fresh.test.ts',
  },
  {
    id: 'R-CHA-06',
    file: 'client-sim/phone/challenge.ts',
    before: 'if (!equalConstantTime(mac, challenge.mac)) return REFUSED;',
    after: 'void mac;',
    test: 'test/phone/fresh.test.ts',
  },
  {
    id: 'R-TOK-02',
    file: 'client-sim/phone/enrolment.ts',
    before:
      "const sent = repair.token === 'send' ? attempt : account.makeAttempt(before, found);\n    await account.commit();",
    after: "const sent = repair.token === 'send' ? attempt : account.makeAttempt(before, found);",
    test: 'test/phone/account.test.ts',
  },
];
