// The project in one test: a text that goes in as a message is nowhere in what the bouncer or a provider got, kept or
// logged. The control: copies of the sources, each leaking by a changed line, are caught in the channel that leaks.
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type Channel,
  EXPECTED_CHANNEL,
  type Finding,
  isSealed,
  searchChannels,
} from '../../client-sim/demo/channels.ts';
import { readProviderRecord } from '../../client-sim/stack/provider-record.ts';
import { Stack } from '../../client-sim/stack/stack.ts';
import { copyTree } from '../support/tree-copy.ts';

/** One line of the sources, and what it is changed to. */
type Change = readonly [path: string, before: string, after: string];

/** The server forgets to encrypt: the plaintext stands where the ciphertext belongs. */
const PLAINTEXT_FOR_CIPHERTEXT: Change = [
  'protocol/content/seal/seal.ts',
  'key.epoch, sealed.enc, sealed.ciphertext);',
  'key.epoch, sealed.enc, Buffer.concat([pad(encodePayload(payload), bucket), sealed.ciphertext.subarray(-16)]));',
];
/** The chat server logs what it accepts. */
const SERVER_LOGS_BODY: Change = [
  'server/chat/routes/session.ts',
  'const id = await acceptMessage(',
  'process.stdout.write(JSON.stringify(request.body).concat(String.fromCharCode(10))); const id = await acceptMessage(',
];
/** The bouncer logs what it forwards. It has no text to leak, so this shows only with a server that gives it one. */
const BOUNCER_LOGS_BODY: Change = [
  'bouncer/routes/notifications.ts',
  'const caller = callerOf(request);',
  'const caller = callerOf(request); process.stdout.write(JSON.stringify(request.body).concat(String.fromCharCode(10)));',
];
/** A provider logs what it is sent; with a server as above. */
const PROVIDER_LOGS_BODY: Change = [
  'client-sim/providers/apns-listener.ts',
  'const seen = this.#see(request);',
  'const seen = this.#see(request); process.stderr.write(request.body);',
];
/** The bouncer keeps what it forwards; with a server as above. */
const BOUNCER_STORES_BODY: Change = [
  'bouncer/routes/notifications.ts',
  'const caller = callerOf(request);',
  "const caller = callerOf(request); await batch.store.database.updateTable('servers').set({ contact: JSON.stringify(request.body) }).execute();",
];

const DELIVERY_MS = 20_000;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealed-push-canary-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Runs the stack from some sources, sends a canary to three phones, and searches every channel for it. */
async function sendCanary(sources?: string): Promise<Finding> {
  const marker = randomBytes(12).toString('hex');
  const canary = `canary ${marker} – ключ 🔑`;
  const stack = new Stack({ folder, ...(sources !== undefined && { sources }) });
  try {
    await stack.start();
    const carol = await stack.operator.addUser('carol', 'Carol');
    for (const user of ['alice', 'bob']) await stack.operator.addUser(user, user);
    await stack.startPhone('alice-iphone', 'iphone', await stack.operator.logIn('alice'));
    await stack.startPhone('alice-android', 'android', await stack.operator.logIn('alice'));
    await stack.startPhone('bob-phone', 'legacy-iphone', await stack.operator.logIn('bob'));
    const before = await readProviderRecord(stack.addresses.devices, stack.agent);
    await carol.send({ direct: ['alice', 'bob'] }, canary);
    await expect
      .poll(() => readProviderRecord(stack.addresses.devices, stack.agent, before.at(-1)?.n), {
        timeout: DELIVERY_MS,
      })
      .toHaveLength(3);
    // The whole, and a piece of it that survives being cut or escaped.
    return await searchChannels(stack, [canary, marker]);
  } finally {
    await stack.stop();
  }
}

async function sendCanaryFrom(changes: readonly Change[]): Promise<Finding> {
  const tree = await copyTree();
  try {
    for (const change of changes) await tree.change(...change);
    return await sendCanary(tree.root);
  } finally {
    await tree.remove();
  }
}

test('a message is in the chat server’s database and in no other channel', { timeout: 60_000 }, async () => {
  const finding = await sendCanary();
  expect(finding.get(EXPECTED_CHANNEL)).not.toEqual([]);
  expect(isSealed(finding)).toBe(true);
});

describe('a leak by a changed line is caught', () => {
  test.each<readonly [string, readonly Change[], readonly Channel[]]>([
    [
      'in the requests to bouncer, Apple and Google',
      [PLAINTEXT_FOR_CIPHERTEXT],
      ['bouncer, requests', 'Apple, requests', 'Google, requests'],
    ],
    ['in the chat server’s log', [SERVER_LOGS_BODY], ['chat server, log']],
    ['in the bouncer’s log', [PLAINTEXT_FOR_CIPHERTEXT, BOUNCER_LOGS_BODY], ['bouncer, log']],
    ['in a provider’s log', [PLAINTEXT_FOR_CIPHERTEXT, PROVIDER_LOGS_BODY], ['Apple and Google, log']],
    ['in the bouncer’s database', [PLAINTEXT_FOR_CIPHERTEXT, BOUNCER_STORES_BODY], ['bouncer, database']],
  ])('%s', { timeout: 60_000 }, async (_, changes, channels) => {
    const finding = await sendCanaryFrom(changes);
    expect(isSealed(finding)).toBe(false);
    for (const channel of channels) expect(finding.get(channel), channel).not.toEqual([]);
  });
});
