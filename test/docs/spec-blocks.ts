// The generated blocks of SPEC.md, by name. `node test/docs/spec-blocks.ts` writes them into SPEC.md between
// `<!-- generated: NAME -->` and `<!-- end -->`; a test fails when SPEC.md has anything else there.
import { readFileSync, writeFileSync } from 'node:fs';
import { buildLegacyApnsBody } from '../../bouncer/legacy/apns-body.ts';
import { buildLegacyFcmData } from '../../bouncer/legacy/fcm-data.ts';
import { buildApnsBody } from '../../bouncer/providers/apns/body.ts';
import { buildFcmBody } from '../../bouncer/providers/fcm/body.ts';
import type { Push, PushContent } from '../../bouncer/providers/provider.ts';
import { openEnvelope } from '../../protocol/content/open/open.ts';
import { encodePayload } from '../../protocol/content/payload.ts';
import { nativeBackend } from '../../protocol/crypto/backend-native.ts';
import { encodeBase64url } from '../../protocol/wire/base64url.ts';
import { concat, utf8 } from '../../protocol/wire/bytes.ts';
import { fence, json, paddedValue, type Value, values } from './block-text.ts';
import { annotateCbor, type Names } from './cbor-annotation.ts';
import { EXAMPLE_BODIES } from './example-bodies.ts';
import { arrivalsText, refusedText } from './receiver-cases.ts';
import { fillBlocks, SPEC_URL } from './spec-text.ts';
import * as example from './worked-example.ts';
import * as xwing from './xwing-example.ts';

const MESSAGE_NAMES: Names = {
  1: 'reference',
  2: ['conversation', { 1: 'kind', 2: 'id', 3: 'name', 4: 'topic' }],
  3: ['sender', { 1: 'name', 2: 'avatar' }],
  4: 'text',
  5: 'truncated',
  6: 'edited',
  7: 'mention',
};
const BODY_NAMES: Readonly<Record<keyof typeof example.PAYLOADS, Names>> = {
  message: MESSAGE_NAMES,
  remove: { 1: ['references', { 0: 'reference' }] },
  badge: {},
  test: { 1: 'nonce' },
  session: {},
};
const TOKEN_NAMES: Names = { 1: 'token', 2: 'issued_at', 3: 'attempt', 4: 'confirm_key' };
const KEY_NAMES: Names = { 0: 'bkid', 1: 'suite', 2: 'key', 3: 'not_before', 4: 'not_after' };
const LIST_NAMES: Names = {
  1: 'version',
  2: 'issued_at',
  3: 'valid_until',
  4: 'bouncer_origin',
  5: ['keys', { 0: ['key', KEY_NAMES] }],
};

/** Every generated block, as it stands in SPEC.md. */
export function specBlocks(): ReadonlyMap<string, string> {
  const blocks = new Map<string, string>();
  for (const kind of Object.keys(example.PAYLOADS) as (keyof typeof example.PAYLOADS)[]) {
    blocks.set(`kind ${kind}`, fence(annotatePayload(kind)));
  }
  for (const [name, { body }] of Object.entries(EXAMPLE_BODIES)) blocks.set(name, fence(json(body), 'json'));
  addNotification(blocks);
  addToken(blocks);
  addLegacy(blocks);
  addKeyList(blocks);
  addReceiver(blocks);
  addXwing(blocks);
  return blocks;
}

function addNotification(blocks: Map<string, string>): void {
  const { SEALING_KEY: key } = example;
  const it = example.notificationExample();
  blocks.set(
    'B.1',
    values([
      ['origin', utf8(key.origin)],
      ['app_id', utf8(key.appId)],
      ['registration_id', key.registrationId],
      ['kid', key.kid],
      ['device private key', example.DEVICE_PRIVATE_KEY],
      ['device public key', key.publicKey],
      ['chain[0]', example.FIRST_CHAIN],
      ['ephemeral private key', example.EPHEMERAL_KEY],
    ]),
  );
  blocks.set(
    'B.2',
    values([
      ...it.chains.map((chain, epoch): Value => [`chain[${epoch}]`, chain]),
      ['psk[3]', it.psk],
      ['psk_id = kid ‖ epoch', it.pskId],
      ['info', it.info],
    ]),
  );
  blocks.set('B.3', hpkeValues(it.steps));
  blocks.set('B.4', fence(annotatePayload('message')));
  blocks.set('B.4 padded', paddedValue(it.padded, it.cbor));
  blocks.set(
    'B.5',
    values([
      ['ciphertext ‖ tag', it.ciphertext],
      ['envelope', it.envelope],
      ['SHA-256(envelope)[0..16]', it.replayHash],
    ]),
  );
  const content: PushContent = { kind: 'envelope', envelope: encodeBase64url(it.envelope) };
  blocks.set('B.5 apns', fence(buildApnsBody(content, 'alert')));
  blocks.set('B.5 fcm', fence(buildFcmBody(pushOf(content), 'TOKEN', example.NOON_SECONDS)));
}

function addToken(blocks: Map<string, string>): void {
  const it = example.tokenExample();
  const key = example.KEY_LIST.keys[0] as (typeof example.KEY_LIST.keys)[number];
  const challenge = concat(example.ATTEMPT, example.CHALLENGE, it.challengeMac);
  blocks.set(
    'B.6',
    values([
      ['bouncer private key', example.BOUNCER_PRIVATE_KEY],
      ['bouncer public key', key.key],
      ['bkid', key.bkid],
      ['ephemeral private key', example.TOKEN_EPHEMERAL_KEY],
      ['info', it.info],
      ['SHA-256(info)', it.infoHash],
    ]),
  );
  blocks.set('B.6 plaintext', fence(annotateCbor(it.cbor, TOKEN_NAMES)));
  blocks.set('B.6 hpke', hpkeValues(it.steps));
  blocks.set('B.6 blob', values([['sealed token', it.blob]]));
  const fcm = example.fcmTokenExample();
  blocks.set('B.6 fcm plaintext', fence(annotateCbor(fcm.cbor, TOKEN_NAMES)));
  blocks.set(
    'B.6 fcm',
    values([
      ['info', fcm.info],
      ['SHA-256(info)', fcm.infoHash],
      ['sealed token', fcm.blob],
    ]),
  );
  blocks.set(
    'B.7',
    values([
      ['confirm_key', example.CONFIRM_KEY],
      ['attempt', example.ATTEMPT],
      ['challenge', example.CHALLENGE],
      ['challenge MAC', it.challengeMac],
      ['c', challenge],
      ['confirmation', it.confirmation],
      ['revocation MAC', it.revocation],
    ]),
  );
  const content: PushContent = { kind: 'challenge', challenge: encodeBase64url(challenge) };
  blocks.set('B.7 apns', fence(buildApnsBody(content, 'alert')));
}

/** Redacted notifications, as the bouncer builds them. */
function addLegacy(blocks: Map<string, string>): void {
  const reference = encodeBase64url(example.CHALLENGE);
  const notice = { template: 'direct_message', badge: 2, reference } as const;
  blocks.set('legacy apns', fence(buildLegacyApnsBody(notice)));
  blocks.set('legacy fcm', fence(JSON.stringify(buildLegacyFcmData(notice))));
}

/** All that the body for FCM depends on, besides the content. */
function pushOf(content: PushContent): Push {
  const expiresAt = example.NOON_SECONDS + example.KEEP_DAYS * 86_400;
  return {
    ...{ token: new Uint8Array(0), content, urgency: 'alert', expiresAt },
    ...{ collapse: undefined, registeredAt: 0 },
  };
}

function addKeyList(blocks: Map<string, string>): void {
  const it = example.keyListExample();
  blocks.set(
    'B.8',
    values([
      ['root seed (Ed25519)', example.ROOT_SEED],
      ['root public key', it.rootPublicKey],
      ['root', it.rootId],
    ]),
  );
  blocks.set('B.8 bytes', fence(annotateCbor(it.bytes, LIST_NAMES)));
  blocks.set('B.8 signed', fence(JSON.stringify(it.signed, null, 2), 'json'));
}

/** What a receiver does beside opening one envelope. */
function addReceiver(blocks: Map<string, string>): void {
  const envelope = example.laterEnvelope();
  const { epoch, chain } = openEnvelope(nativeBackend, envelope, () => example.OPENING_KEY)?.advanced ?? {};
  if (epoch === undefined || chain === undefined) throw new Error('the example does not open');
  blocks.set(
    'B.9',
    values([
      ['envelope, epoch 6', envelope],
      [`chain[O], O = ${epoch}`, chain],
    ]),
  );
  blocks.set('B.10', fence(refusedText()));
  blocks.set('B.11', fence(arrivalsText()));
}

/** The same notification and the same push token in suites 0x02 and 0x12. */
function addXwing(blocks: Map<string, string>): void {
  const it = xwing.xwingExample();
  blocks.set(
    'B.12',
    values([
      ['device private key: seed', example.DEVICE_PRIVATE_KEY],
      ['d ‖ z', it.mlKemSeed],
      ['sk_X', it.x25519Key],
      ['device public key', xwing.XWING_SEALING_KEY.publicKey],
      ['m, what ML-KEM draws', xwing.MLKEM_RANDOMNESS],
      ['sk_E', example.EPHEMERAL_KEY],
    ]),
  );
  blocks.set(
    'B.12 hpke',
    values([
      ['ss_M', it.mlKemSecret],
      ['ss_X', it.x25519Secret],
      ['info', it.info],
      ...scheduleValues(it.steps),
      ['envelope', it.envelope],
    ]),
  );
  blocks.set(
    'B.12 token',
    values([
      ['bouncer private key: seed', xwing.BOUNCER_SEED],
      ['bkid', xwing.XWING_BOUNCER_KEY.bkid],
      ['sk_E', example.TOKEN_EPHEMERAL_KEY],
      ['info', it.tokenInfo],
      ['sealed token', it.blob],
    ]),
  );
}

function annotatePayload(kind: keyof typeof example.PAYLOADS): string {
  return annotateCbor(encodePayload(example.PAYLOADS[kind]), {
    ...{ 1: 'sent_at', 2: 'counter', 3: 'ttl', 4: 'kind', 5: ['body', BODY_NAMES[kind]] },
    ...{ 6: 'unread', 7: ['removed', { 0: 'reference' }] },
  });
}

function hpkeValues(steps: example.HpkeSteps): string {
  return values([
    ['dh', steps.dh],
    ['enc', steps.enc],
    ['kem_context', steps.kemContext],
    ['eae_prk', steps.eaePrk],
    ...scheduleValues(steps),
  ]);
}

function scheduleValues(steps: example.ScheduleSteps): readonly Value[] {
  return [
    ['shared_secret', steps.sharedSecret],
    ['suite_id', steps.suiteId],
    ['psk_id_hash', steps.pskIdHash],
    ['info_hash', steps.infoHash],
    ['key_schedule_context', steps.context],
    ['secret', steps.secret],
    ['key', steps.key],
    ['nonce', steps.nonce],
  ];
}

if (import.meta.main) writeFileSync(SPEC_URL, fillBlocks(readFileSync(SPEC_URL, 'utf8'), specBlocks()));
