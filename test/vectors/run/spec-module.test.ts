// The vectors through the functions that stand in SPEC.md, run as they stand: text and vectors say the same.
import { expect, test } from 'vitest';
import { equalConstantTime, hex } from '../../../protocol/wire/bytes.ts';
import { loadSpecModule, refusedStep } from '../../docs/spec-module.ts';
import { unhex } from '../device/unhex.ts';
import { challengeFile, revocationFile } from '../shape/challenge.ts';
import { base64urlFile, cborFile } from '../shape/encodings.ts';
import { type KeyListCase, keyListFile } from '../shape/key-list.ts';
import { type DeviceKeyForm, type NotificationCase, notificationFile } from '../shape/notification.ts';
import { type PushTokenCase, pushTokenFile } from '../shape/push-token.ts';
import { readVectors } from './read.ts';
import { specPayloadForm } from './spec-payload-form.ts';

const spec = loadSpecModule();

function specKey(form: DeviceKeyForm) {
  return {
    suite: form.suite,
    kid: unhex(form.kid),
    privateKey: unhex(form.private_key),
    origin: form.origin,
    appId: form.app_id,
    registrationId: unhex(form.registration_id),
    epoch: form.oldest_epoch,
    chain: unhex(form.oldest_chain),
    keepDays: form.keep_days,
  };
}

function open({ keys, envelope }: NotificationCase): object {
  const held = keys.map(specKey);
  const find = (kid: Uint8Array) =>
    held.find((key) => equalConstantTime(key.kid, new Uint8Array(kid))) ?? null;
  const step = refusedStep(() => spec.open(unhex(envelope), find));
  if (step !== null) return { result: 'refused', step };
  const opened = spec.open(unhex(envelope), find);
  if (opened === null) return { result: 'not_ours' };
  const moved = { moved_epoch: opened.oldestEpoch, moved_chain: hex(opened.oldestChain) };
  if (opened.payload === null) return { result: 'refused', step: opened.failedStep, ...moved };
  return { result: 'valid', payload: specPayloadForm(opened.payload), ...moved };
}

const OUTCOME = ['result', 'step', 'payload', 'moved_epoch', 'moved_chain'];

/** What a case says of the outcome. */
function said(known: NotificationCase): object {
  return Object.fromEntries(Object.entries(known).filter(([name]) => OUTCOME.includes(name)));
}

test.each(['notification-01.json', 'notification-02.json'])(
  'SPEC.md opens what %s says, and nothing else',
  (name) => {
    for (const known of readVectors(name, notificationFile).cases) {
      expect(open(known), known.id).toEqual(said(known));
    }
  },
);

test('SPEC.md seals what opens in notification-01.json to the same bytes', () => {
  for (const known of readVectors('notification-01.json', notificationFile).cases) {
    if (known.result !== 'valid') continue;
    const { sealing, envelope } = known;
    const form = known.keys.find(({ kid }) => kid === envelope.slice(2, 10)) as DeviceKeyForm;
    const publicKey = unhex(sealing.hpke.public_key);
    const key = { ...specKey(form), publicKey, epoch: sealing.epoch, chain: unhex(sealing.chain) };
    const sealed = spec.seal(key, unhex(sealing.cbor), sealing.bucket, unhex(sealing.hpke.ephemeral));
    expect(hex(sealed), known.id).toBe(envelope);
  }
});

function sealToken({ sealing, context, token }: PushTokenCase & { result: 'valid' }): string {
  const key = { bkid: unhex(sealing.bkid), suite: sealing.suite, key: unhex(sealing.hpke.public_key) };
  const named = { ...context, appId: context.app_id };
  const push = {
    token: context.platform === 'apns' ? unhex(token.token) : token.token,
    issuedAt: token.issued_at,
    attempt: unhex(token.attempt),
    confirmKey: unhex(token.confirm_key),
  };
  return hex(spec.sealPushToken(key, named, push, unhex(sealing.hpke.ephemeral)));
}

test('SPEC.md seals the tokens of suite 0x11 in push-token.json to the same bytes', () => {
  for (const known of readVectors('push-token.json', pushTokenFile).cases) {
    if (known.result === 'valid' && known.sealing.suite === 0x11) {
      expect(sealToken(known), known.id).toBe(known.blob);
    }
  }
});

function trusted({ trust, bouncer_origin, signed, now }: KeyListCase): object {
  const { seen } = trust;
  const held = {
    roots: trust.roots.map(unhex),
    buildTime: trust.build_time,
    lowestVersion: trust.lowest_version,
    seen: seen && { version: seen.version, issuedAt: seen.issued_at, digest: unhex(seen.digest) },
  };
  const code = refusedStep(() => spec.verifyKeyList(held, bouncer_origin, signed, now));
  if (code !== null) return { result: 'refused', code };
  const verified = spec.verifyKeyList(held, bouncer_origin, signed, now);
  const kept = verified.seen as { version: number; issuedAt: number; digest: Uint8Array };
  const chosen = (suite: number): string | null => {
    const key = spec.selectBouncerKey(verified.list, suite, verified.now);
    return key === null ? null : hex(key[0] as Uint8Array);
  };
  return {
    result: 'valid',
    seen: { version: kept.version, issued_at: kept.issuedAt, digest: hex(kept.digest) },
    select: { now: verified.now, bkid_11: chosen(0x11), bkid_12: chosen(0x12) },
  };
}

test('SPEC.md trusts the lists of key-list.json that it should, and chooses the same keys', () => {
  for (const known of readVectors('key-list.json', keyListFile).cases) {
    expect(known, known.id).toMatchObject(trusted(known));
  }
});

test('SPEC.md answers and revokes as challenge.json and revocation.json say', () => {
  for (const known of readVectors('challenge.json', challengeFile).cases) {
    if (known.of !== 'challenge') continue;
    const { attempt, confirm_key, info_hash } = known.attempt;
    const pending = { attempt: unhex(attempt), confirmKey: unhex(confirm_key), infoHash: unhex(info_hash) };
    const answer = spec.answerChallenge(unhex(known.c), pending);
    const said = known.result === 'valid' ? [known.challenge, known.confirmation] : null;
    expect(answer && [hex(answer.challenge), hex(answer.confirmation)], known.id).toEqual(said);
  }
  for (const { id, attempt: form, mac, result } of readVectors('revocation.json', revocationFile).cases) {
    const { attempt, confirm_key, info_hash } = form;
    const pending = { attempt: unhex(attempt), confirmKey: unhex(confirm_key), infoHash: unhex(info_hash) };
    expect(hex(spec.revocationMac(pending)) === mac, id).toBe(result === 'valid');
  }
});

test('SPEC.md decodes what cbor.json and base64url.json say, and nothing else', () => {
  for (const { id, bytes, result } of readVectors('cbor.json', cborFile).cases) {
    // The 10,000 levels are refused at the fifth.
    expect(refusedStep(() => spec.decodeCbor(unhex(bytes))) === null, id).toBe(result === 'valid');
  }
  for (const { id, text, result } of readVectors('base64url.json', base64urlFile).cases) {
    expect(refusedStep(() => spec.decodeBase64url(text)) === null, id).toBe(result === 'valid');
  }
});
