// What the app shows, keeps and asks, and what reaches it: sections 4 to 10 and 14.
import type { Break } from '../breaks.ts';

export const APP_BREAKS: readonly Break[] = [
  {
    id: 'R-CHA-02',
    file: 'bouncer/registration/registration.ts',
    before: "if (state === 'pending' && rows.attempt.challenged === 1) this.#challenge(rows, opened);",
    after:
      "if (state === 'pending' && rows.attempt.challenged === 1) {\n      this.#challenge(rows, opened);\n      await this.#parts.challenges.close();\n    }",
    test: 'test/bouncer/attempts.test.ts',
    also: [
      {
        file: 'bouncer/registration/challenge-sender.ts',
        before:
          "setImmediate(() => this.#run(this.#try(order, order.platform === 'apns' ? 'alert' : 'background', 0)));",
        after: "this.#run(this.#try(order, order.platform === 'apns' ? 'alert' : 'background', 0));",
      },
    ],
  },
  {
    id: 'R-CHA-07',
    file: 'client-sim/phone/server-client.ts',
    before: "return this.#status('POST', `${REGISTRATIONS}/${registrationId}/confirmations`, body);",
    after:
      "await callHttps(this.#dispatcher, { method: 'POST', url: `${this.#origin}${REGISTRATIONS}/${registrationId}/confirmations`, body });",
    test: 'test/phone/secrets.test.ts',
    also: [
      {
        file: 'client-sim/phone/server-client.ts',
        before: 'confirm(registrationId: string',
        after: 'async confirm(registrationId: string',
      },
    ],
  },
  {
    id: 'R-DIS-03',
    file: 'client-sim/phone/https-client.ts',
    before: "connect: { ca, minVersion: 'TLSv1.3',",
    after: "connect: { ca, rejectUnauthorized: false, minVersion: 'TLSv1.3',",
    test: 'test/phone/secrets.test.ts',
  },
  {
    id: 'R-ENV-01',
    file: 'protocol/content/open/open.ts',
    before: "if (padded === null) throw failed('aead');",
    after:
      'if (padded === null) return { key, epoch: envelope.epoch, advanced: key, ...decode(envelope.ciphertext) };',
    test: 'test/content/seal-open.test.ts',
  },
  {
    id: 'R-ERR-01',
    file: 'client-sim/phone/opening.ts',
    before: 'if (error instanceof ProtocolError && error.step !== undefined) return { step: error.step };',
    after:
      "if (error instanceof ProtocolError && error.step !== undefined) return { step: error.step === 'epoch' ? ('late' as 'epoch') : error.step };",
    test: 'test/phone/failures.test.ts',
    also: [
      {
        file: 'client-sim/phone/ios-extension.ts',
        before: 'if (!receipt.opened) return { ...failed(state, identifier, receipt.step, []), hint: null };',
        after:
          "if (!receipt.opened) return { ...failed(state, identifier, receipt.step, []), hint: receipt.step === ('late' as never) ? encodeBase64url((state.registrations[0] as never as { registrationId: Uint8Array }).registrationId) : null };",
      },
      {
        file: 'client-sim/phone/ios-extension.ts',
        before: 'import { expectsChallenge,',
        after:
          "import { encodeBase64url } from '../../protocol/wire/base64url.ts';\nimport { expectsChallenge,",
      },
    ],
  },
  {
    id: 'R-LIF-05',
    file: 'server/chat/users.ts',
    before: "if (removed === 1) throw new ProblemError('not_permitted');",
    after: 'void [removed, ProblemError];',
    test: 'test/server/lives.test.ts',
  },
  {
    id: 'R-LST-09',
    file: 'client-sim/phone/discovery.ts',
    before: '  const verified = verifyKeyList(',
    after:
      '  phone.file.update((state) => ({ ...state, trust: [] }));\n  await phone.file.commit();\n  const verified = verifyKeyList(',
    test: 'test/phone/secrets.test.ts',
  },
  {
    id: 'R-NOT-14',
    file: 'server/notify/collapse.ts',
    before: '    decodeBase64url(registrationId),\n    decodeBase64url(kid),\n',
    after: '',
    test: 'test/server/outbox.test.ts',
  },
  {
    id: 'R-NOT-16',
    file: 'server/notify/batches.ts',
    before: 'lane.sort((a, b) => a.outbox_id - b.outbox_id)',
    after: 'lane.sort((a, b) => b.outbox_id - a.outbox_id)',
    test: 'test/server/outbox.test.ts',
  },
  {
    id: 'R-ORI-01',
    file: 'protocol/wire/origin.ts',
    before: 'return URL.canParse(text) && `https://${new URL(text).host}` === text;',
    after: 'return URL.canParse(text);',
    test: 'test/codec/origin.test.ts',
  },
  {
    id: 'R-ORI-05',
    file: 'client-sim/phone/account.ts',
    before: "if (!(error instanceof CallError && error.retryable)) return this.#fail('start', error);",
    after:
      "if (!(error instanceof CallError && (error.retryable || error.code === 'wrong_origin'))) return this.#fail('start', error);",
    test: 'test/phone/secrets.test.ts',
  },
  {
    id: 'R-ORI-06',
    file: 'client-sim/phone/keyring.ts',
    before: 'appId: registration.appId,',
    after: "appId: 'chat.example.app',",
    test: 'test/phone/fresh.test.ts',
  },
  {
    id: 'R-PAY-07',
    file: 'server/notify/removed-references.ts',
    before: "column('push_outbox.carried_at', '>', now - HOUR_MILLISECONDS),",
    after: "column('push_outbox.carried_at', '>', now),",
    test: 'test/server/outbox.test.ts',
  },
  {
    id: 'R-PAY-08',
    file: 'server/notify/seal-devices.ts',
    before: '.filter(({ key }) => key !== saying.reference)',
    after: '',
    test: 'test/server/outbox.test.ts',
  },
  {
    id: 'R-PAY-09',
    file: 'client-sim/phone/notification-center.ts',
    before:
      'shown.reference !== null && shown.registrationId === registrationId && gone.has(shown.reference);',
    after: 'shown.reference !== null && gone.has(shown.reference);',
    test: 'test/phone/two-accounts.test.ts',
  },
  {
    id: 'R-PAY-12',
    file: 'client-sim/phone/taking.ts',
    before: "return payload.kind === 'session' && verdict.changesState ? registrationId : null;",
    after:
      "return ['session', 'test'].includes(payload.kind) && verdict.changesState ? registrationId : null;",
    test: 'test/phone/account.test.ts',
  },
  {
    id: 'R-PAY-13',
    file: 'client-sim/phone/taking.ts',
    before: "return payload.kind === 'session' && verdict.changesState ? registrationId : null;",
    after:
      "return ['session', 'test'].includes(payload.kind) && verdict.changesState ? registrationId : null;",
    test: 'test/phone/account.test.ts',
  },
  {
    id: 'R-PAY-14',
    file: 'client-sim/phone/account.ts',
    before: "await this.reconcile().catch((error: unknown) => this.#fail('check_session', error));",
    after: 'await this.#forget();',
    test: 'test/phone/account.test.ts',
  },
  {
    id: 'R-PAY-15',
    file: 'client-sim/phone/account-state.ts',
    before: 'if (registration === null || !waited) return false;',
    after: 'void waited;\n    if (registration === null) return false;',
    test: 'test/phone/two-accounts.test.ts',
  },
  {
    id: 'R-RAT-15',
    file: 'client-sim/phone/opening.ts',
    before: '  phone.file.refresh();\n',
    after:
      '  phone.file.refresh();\n  phone.file.update((state) => ({ ...state, registrations: state.registrations.map((registration) => ({ ...registration, keys: registration.keys.filter((key) => correctedNowMs(phone) < (key.madeAt + 86_400 * 30) * 1000) })) }));\n',
    test: 'test/phone/fresh.test.ts',
  },
  {
    id: 'R-REC-01',
    file: 'client-sim/phone/presentation.ts',
    before: "event: { event: 'placeholder', identifier, text: PLACEHOLDER_TEXT, diagnostic },",
    after: "event: { event: 'placeholder', identifier, text: diagnostic, diagnostic },",
    test: 'test/phone/failures.test.ts',
  },
  {
    id: 'R-REC-08',
    file: 'client-sim/phone/receipt.ts',
    before: 'const references = removedBy(payload);',
    after:
      'const references = payload.sentAt + payload.ttlSeconds * 1000 < delivered.nowMs ? [] : removedBy(payload);',
    test: 'test/phone/ios-app.test.ts',
    also: [
      {
        file: 'client-sim/phone/receipt.ts',
        before: 'tombstones: buryRemoved(current.tombstones, payload, keepDaysMax, delivered.nowMs),',
        after:
          'tombstones: references.length === 0 ? current.tombstones : buryRemoved(current.tombstones, payload, keepDaysMax, delivered.nowMs),',
      },
    ],
  },
  {
    id: 'R-REC-10',
    file: 'client-sim/phone/android.ts',
    before: 'if (!receipt.opened) return { ...showPlaceholder(state, receipt.step), hint: null };',
    after:
      "if (!receipt.opened) return { state, events: [{ event: 'ignored', reason: receipt.step }], hint: null };\n  void showPlaceholder;",
    test: 'test/phone/failures.test.ts',
  },
  {
    id: 'R-REC-11',
    file: 'client-sim/phone/notification-center.ts',
    before: 'sound: false,',
    after: 'sound: true,',
    test: 'test/phone/ios-extension.test.ts',
  },
  {
    id: 'R-REC-12',
    file: 'client-sim/phone/ios-extension.ts',
    before: 'const refusal = refuse(receipt, receipt.payload, wording);',
    after: "const refusal = receipt.verdict.loud ? refuse(receipt, receipt.payload, wording) : 'quiet';",
    test: 'test/phone/ios-extension.test.ts',
  },
  {
    id: 'R-REC-13',
    file: 'client-sim/phone/ios-app.ts',
    before: 'if (wording === null || !receipt.verdict.loud) return null;',
    after:
      "if (wording === null || !receipt.verdict.loud || receipt.payload.kind === 'message') return null;",
    test: 'test/phone/ios-app.test.ts',
  },
  {
    id: 'R-REC-14',
    file: 'client-sim/phone/presentation.ts',
    before: 'const { center } = showEntry(state.center, placeholderEntry(identifier));',
    after: "const { center } = showEntry(state.center, { ...placeholderEntry(identifier), title: 'Bank' });",
    test: 'test/phone/ios-extension.test.ts',
  },
  {
    id: 'R-REC-15',
    file: 'client-sim/phone/receipt.ts',
    before: 'unread: sentAt > current.sentAt ? (payload.unread ?? current.unread) : current.unread,',
    after: 'unread: payload.unread ?? current.unread,',
    test: 'test/phone/ios-app.test.ts',
  },
  {
    id: 'R-REC-16',
    file: 'client-sim/phone/reconcile.ts',
    before:
      'sync: key !== null && isSameKey(key, status) && (status.counter > key.counter || key.missing > 0),',
    after: 'sync: false,',
    test: 'test/phone/app-start.test.ts',
  },
  {
    id: 'R-REC-17',
    file: 'client-sim/phone/android.ts',
    before: 'if (e === undefined && listsLegacy) return receiveTemplate(phone, push, { quiet: true });',
    after: 'void listsLegacy;\n  if (e === undefined) return receiveTemplate(phone, push, { quiet: true });',
    test: 'test/phone/two-accounts.test.ts',
  },
  {
    id: 'R-REC-18',
    file: 'client-sim/phone/receipt.ts',
    before: 'state: moveChain(after.state, registration, opening),',
    after: 'state: verdict.changesState ? moveChain(state, registration, opening) : after.state,',
    test: 'test/phone/two-processes.test.ts',
  },
  {
    id: 'R-REC-19',
    file: 'client-sim/phone/state-file.ts',
    before: '  async #write(): Promise<void> {\n    this.refresh();',
    after: '  async #write(): Promise<void> {',
    test: 'test/phone/two-processes.test.ts',
  },
  {
    id: 'R-REC-20',
    file: 'client-sim/phone/ios-extension.ts',
    before: 'return takeQuietly(phone, (state) => rewrite(phone, state, identifier, opening));',
    after:
      'void opening;\n  return takeQuietly(phone, (state) => rewrite(phone, state, identifier, openDelivery(phone, identifier, value)));',
    test: 'test/phone/two-processes.test.ts',
  },
  {
    id: 'R-RED-07',
    file: 'client-sim/phone/enrolment.ts',
    before: "if (account.registration?.e2ee === true) throw new CallError('e2ee_required', false);",
    after: 'void CallError;',
    test: 'test/phone/lives.test.ts',
  },
  {
    id: 'R-STA-04',
    file: 'client-sim/phone/reconcile.ts',
    before: "|| status.key_state !== 'live' ? 'replace' : 'keep'",
    after: "? 'replace' : 'keep'",
    test: 'test/phone/reconcile.test.ts',
  },
  {
    id: 'R-STO-01',
    file: 'client-sim/phone/install-marker.ts',
    before: '    file.update(wipeState);\n',
    after: '    void wipeState;\n',
    test: 'test/phone/lives.test.ts',
  },
  {
    id: 'R-STO-02',
    file: 'client-sim/phone/phone.ts',
    before: 'if (this.#locked) return receiveWhileLocked(this.#context, delivery);',
    after: 'void receiveWhileLocked;',
    test: 'test/phone/locked-phone.test.ts',
  },
  {
    id: 'R-STO-03',
    file: 'client-sim/phone/state-codec.ts',
    before: 'window: windowSchema,',
    after: 'window: windowSchema.catch({ pairs: [], floor: null }),',
    test: 'test/phone/state-file.test.ts',
  },
  {
    id: 'R-STO-04',
    file: 'client-sim/phone/enrolment.ts',
    before: 'if (newestKey(current) === null) account.makeKey(current, found.keepDaysMax);',
    after:
      "if (newestKey(current) === null) {\n    if (current.accepted) throw new CallError('internal', false);\n    account.makeKey(current, found.keepDaysMax);\n  }",
    test: 'test/phone/account.test.ts',
  },
  {
    id: 'R-SUI-02',
    file: 'protocol/content/open/open.ts',
    before: 'if (key.suite.id !== envelope.suite.id)',
    after: 'if (key.suite.id !== envelope.suite.id || key.suite.id === 0x01)',
    test: 'test/content/seal-open.test.ts',
  },
  {
    id: 'R-SUI-04',
    file: 'client-sim/phone/registration.ts',
    before: 'return selectBouncerKey(keys, SUITE_XWING_BASE.id, now);',
    after: 'return selectBouncerKey(keys, SUITE_X25519_BASE.id, now);',
    test: 'test/phone/suites.test.ts',
  },
  {
    id: 'R-TOK-01',
    file: 'client-sim/phone/registration.ts',
    before: 'const confirmKey = backend.randomBytes(CONFIRM_KEY_BYTES);',
    after: 'const confirmKey = new Uint8Array(CONFIRM_KEY_BYTES);',
    test: 'test/phone/fresh.test.ts',
  },
  {
    id: 'R-PAY-18',
    file: 'server/notify/background-interval.ts',
    before: 'export const BACKGROUND_INTERVAL_MILLISECONDS_MAX: number = 20 * MINUTE_MILLISECONDS;',
    after: 'export const BACKGROUND_INTERVAL_MILLISECONDS_MAX: number = 0 * MINUTE_MILLISECONDS;',
    test: 'test/server/last-words.test.ts',
  },
];
