// Nothing that server or bouncer can observe depends on the step where opening failed (SPEC.md section 11.1): no request,
// no answer, and no difference at the next start.
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { encodeBase64url } from '../../protocol/wire/base64url.ts';
import { utf8 } from '../../protocol/wire/bytes.ts';
import { encodeCbor } from '../../protocol/wire/cbor.ts';
import { pad } from '../../protocol/wire/padding.ts';
import type { ChatStandIn } from './chat-stand-in.ts';
import { command, isEvent, type PhoneField, startPhoneField, WAIT_MS } from './phone-field.ts';
import { sealBytes } from './test-phone.ts';

const BUCKET = 1856;

let field: PhoneField;
let chat: ChatStandIn;

beforeAll(async () => {
  field = await startPhoneField();
  chat = field.chat;
});
afterEach(() => field.clear());
afterAll(() => field.close());

type Change = (envelope: Uint8Array) => void;
const set =
  (position: number, ...bytes: readonly number[]): Change =>
  (envelope) =>
    envelope.set(bytes, position);

/** For each step an envelope that stops there: another plaintext, or other bytes on the way. */
const STEPS: readonly (readonly [string, Uint8Array, Change])[] = [
  ['suite', new Uint8Array(BUCKET), set(0, 0xc0)],
  ['registration', new Uint8Array(BUCKET), set(1, 1, 2, 3, 4)],
  ['epoch', new Uint8Array(BUCKET), set(5, 0xff, 0xff)],
  ['aead', new Uint8Array(BUCKET), set(100, 1, 2, 3, 4)],
  ['padding', new Uint8Array(BUCKET), () => undefined],
  ['cbor', pad(utf8('no CBOR'), BUCKET), () => undefined],
  ['schema', pad(encodeCbor(new Map()), BUCKET), () => undefined],
];

/** What a phone asks, and what the server can read, from the push to the end of the next start. */
async function observe(kind: string, background: boolean, e: () => string, step: string): Promise<unknown> {
  const { phone, ready } = await field.launchReady(kind);
  const from = chat.calls.length;
  await chat.pushAgain(e(), { background, collapse: 'a' });
  const stopped = (line: Record<string, unknown>): boolean =>
    [line['diagnostic'], line['reason']].includes(step);
  await phone.waitFor(stopped, WAIT_MS);
  expect(chat.calls.slice(from)).toEqual([]);
  const fromLine = phone.lines.length;
  await command(phone, 'restart_app');
  expect(await phone.waitFor(isEvent('ready'), WAIT_MS, fromLine)).toEqual(ready);
  const seen = {
    calls: chat.calls.slice(from).map((call) => call.replace(String(ready['registration_id']), 'ID')),
    bodies: chat.bodies.slice(from),
  };
  await field.clear();
  return seen;
}

test.each([
  ['iphone', false],
  ['iphone', true],
  ['android', false],
])('%s (in the background: %s): every step looks the same from outside', async (kind, background) => {
  const seen: unknown[] = [await observe(kind, background, () => 'AA==', 'length')];
  for (const [step, padded, change] of STEPS) {
    const seal = (): string => {
      const envelope = sealBytes(chat.prepareKey(), padded);
      change(envelope);
      return encodeBase64url(envelope);
    };
    seen.push(await observe(kind, background, seal, step));
  }
  const asAlways = {
    calls: ['GET /v1/push', 'GET /v1/push/registrations/ID'],
    bodies: [undefined, undefined],
  };
  expect(seen).toEqual(Array.from({ length: STEPS.length + 1 }, () => asAlways));
});
