// Bad input at the real bouncer and the real phones: each kind gets its documented code where the caller may know, the one
// placeholder where it must not, never a stack trace; and what was accepted is not lost.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fetch } from 'undici';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Scene, startScene } from './scene.ts';

interface Credential {
  readonly server_id: string;
  readonly api_key: string;
}
interface Item {
  readonly handle: string;
  readonly envelope: string;
  readonly urgency: string;
  readonly expires_at: number;
  readonly collapse: string;
}

let scene: Scene;
let own: Credential;
let foreign: Credential;
/** What the chat server sent for the first message: one item per phone. */
let items: readonly Item[];

beforeAll(async () => {
  scene = await startScene();
  const { stack } = scene;
  own = JSON.parse(await readFile(join(stack.files.server, 'bouncer-credential.json'), 'utf8')) as Credential;
  foreign = (await stack.enrolServer('https://other.example')) as unknown as Credential;
  await sendAndSee('the first message');
  items = stack.tap.exchanges
    .filter(({ path }) => path === '/v1/notifications')
    .flatMap(({ body }) => (JSON.parse(body) as { notifications: Item[] }).notifications);
  expect(items).toHaveLength(2);
}, 60_000);

afterAll(() => scene.end(), 30_000);

async function sendAndSee(text: string): Promise<void> {
  await scene.carol.send({ direct: ['alice'] }, text);
  await Promise.all(
    scene.phones.map((phone) =>
      phone.waitFor((line) => line['event'] === 'shown' && line['body'] === text, 20_000),
    ),
  );
}

async function post(
  body: string,
  credential: Credential = own,
  path = '/v1/notifications',
): Promise<{ status: number; text: string }> {
  const answer = await fetch(`${scene.stack.bouncerOrigin}${path}`, {
    method: 'POST',
    dispatcher: scene.stack.agent,
    headers: {
      'content-type': 'application/json',
      authorization: `Basic ${Buffer.from(`${credential.server_id}:${credential.api_key}`).toString('base64')}`,
    },
    body,
  });
  return { status: answer.status, text: await answer.text() };
}

async function postItems(sent: readonly unknown[], credential?: Credential): Promise<unknown> {
  const { status, text } = await post(JSON.stringify({ notifications: sent }), credential);
  expect(status).toBe(200);
  return (JSON.parse(text) as { results: unknown }).results;
}

function changed(item: Item, change: (envelope: Buffer) => Buffer | undefined): Item {
  const envelope = Buffer.from(item.envelope, 'base64url');
  return { ...item, envelope: (change(envelope) ?? envelope).toString('base64url') };
}

describe('the bouncer refuses', () => {
  test.each([
    ['an unknown suite', 'unknown_suite', (bytes: Buffer) => void bytes.writeUInt8(0x7f, 0)],
    ['a greased suite', 'unknown_suite', (bytes: Buffer) => void bytes.writeUInt8(0xc5, 0)],
    ['a suite for push tokens', 'unknown_suite', (bytes: Buffer) => void bytes.writeUInt8(0x11, 0)],
    ['a truncated envelope', 'malformed_envelope', (bytes: Buffer) => bytes.subarray(0, -1)],
    [
      'an envelope with a byte too many',
      'malformed_envelope',
      (bytes: Buffer) => Buffer.concat([bytes, Buffer.of(0)]),
    ],
  ])('%s with %s, and takes the good one beside it', async (_, code, change) => {
    const [iphone, android] = items as [Item, Item];
    const good = { ...android, expires_at: android.expires_at };
    expect(await postItems([changed(iphone, change), good])).toEqual([
      { status: 'refused', code },
      { status: 'accepted' },
    ]);
  });

  test('an oversized envelope, an unknown handle, a past expiry and an item of another shape, each by name', async () => {
    const [item] = items as [Item];
    const results = await postItems([
      { ...item, envelope: Buffer.alloc(4000, 1).toString('base64url') },
      { ...item, handle: Buffer.alloc(32, 7).toString('base64url') },
      { ...item, expires_at: 3600 },
      { ...item, text: 'hello' },
      'hello',
    ]);
    expect(results).toEqual([
      { status: 'refused', code: 'malformed_envelope' },
      { status: 'refused', code: 'unknown_handle' },
      { status: 'refused', code: 'expired' },
      { status: 'refused', code: 'malformed_item' },
      { status: 'refused', code: 'malformed_item' },
    ]);
  });

  test('a handle of another server like one that does not exist [R-HND-08]', async () => {
    const [item] = items as [Item];
    expect(await postItems([item], foreign)).toEqual([{ status: 'refused', code: 'unknown_handle' }]);
  });

  test('malformed JSON, a wrong key and an unknown server, without a stack trace', async () => {
    const wrongKey = { ...own, api_key: Buffer.alloc(32, 1).toString('base64url') };
    const nobody = { ...own, server_id: Buffer.alloc(16, 1).toString('base64url') };
    const body = JSON.stringify({ notifications: items });
    const answers = [await post('{"notifications":['), await post(body, wrongKey), await post(body, nobody)];
    expect(answers.map(({ status }) => status)).toEqual([400, 401, 401]);
    const [malformed, wrong, unknown] = answers.map(({ text }) => JSON.parse(text) as { code: string });
    expect(malformed?.code).toBe('malformed_json');
    expect(wrong?.code).toBe('not_authenticated');
    expect({ ...unknown, request_id: null }).toEqual({ ...wrong, request_id: null });
    for (const { text } of answers) expect(text).not.toMatch(/\bat .*\.ts|node_modules|Error:/);
  });
});

describe('a sealed push token is refused alike', () => {
  const sealedTokenRequest = (): { sealed_token: string } => {
    const exchange = scene.stack.tap.exchanges.find(({ path }) => path === '/v1/handles');
    return JSON.parse(exchange?.body ?? '{}') as { sealed_token: string };
  };

  test('from another origin than it was sealed for', async () => {
    const { status, text } = await post(JSON.stringify(sealedTokenRequest()), foreign, '/v1/handles');
    expect(status).toBe(422);
    expect(JSON.parse(text)).toMatchObject({ code: 'push_token_refused', retryable: false });
  });

  test.each([0, 3, 20, 400, 560])('with a flipped bit in byte %i', async (index) => {
    const request = sealedTokenRequest();
    const blob = Buffer.from(request.sealed_token, 'base64url');
    blob.writeUInt8(blob.readUInt8(index) ^ 1, index);
    const body = JSON.stringify({ ...request, sealed_token: blob.toString('base64url') });
    const { status, text } = await post(body, own, '/v1/handles');
    expect(status).toBe(422);
    expect(JSON.parse(text)).toMatchObject({ code: 'push_token_refused', retryable: false });
  });
});

describe('a phone shows the placeholder and nothing else for', () => {
  test.each([
    ['a flipped bit in the kid', 3],
    ['a flipped bit in the epoch', 6],
    ['a flipped bit in the encapsulated key', 20],
    ['a flipped bit in the ciphertext', 900],
    ['a flipped bit in the tag', 1910],
  ])('%s', async (_, index) => {
    const { iphone } = scene;
    const before = iphone.events.length;
    const flipped = items.map((item) =>
      changed(item, (bytes) => void bytes.writeUInt8(bytes.readUInt8(index) ^ 0x10, index)),
    );
    expect(await postItems(flipped)).toEqual([{ status: 'accepted' }, { status: 'accepted' }]);
    const isNew = (line: object): boolean => iphone.events.indexOf(line as never) >= before;
    const seen = await iphone.waitFor((line) => isNew(line) && line['event'] === 'placeholder', 10_000);
    expect(seen['text']).toBe('New notification');
  });
});

test('after all that, the next message arrives', async () => {
  await sendAndSee('the last message');
});
