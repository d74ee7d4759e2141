// `npm start`: leaves the whole stack running on loopback and prints where everything is.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gatherCast } from '../demo/cast.ts';
import { Stack } from '../stack/stack.ts';

const folder = await mkdtemp(join(tmpdir(), 'sealed-push-'));
const stack = new Stack({ folder });
const stopped = new Promise<void>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
});

try {
  process.stdout.write('Starting …\n');
  await stack.start();
  const hello = { sender: 'carol', conversation: { direct: ['alice', 'bob'] }, text: 'Hello' };
  const cast = await gatherCast(stack, [hello], ['bob']);
  process.stdout.write(`${describe(cast.sessions.get('carol')?.sessionToken ?? '')}\n`);
  await stopped;
  process.stdout.write('Stopping …\n');
} finally {
  await stack.stop();
  await rm(folder, { recursive: true, force: true });
}

function describe(token: string): string {
  const { serverOrigin, bouncerOrigin, addresses, files } = stack;
  return `
  chat server   ${serverOrigin}
  bouncer       ${bouncerOrigin}
  APNs          ${addresses.apns} (simulated)
  FCM           ${addresses.fcm} (simulated)
  phones        ${stack.phones.map(({ name }) => name).join(', ')}
  logs          ${files.logs}

Carol writes to Alice with:

  curl --cacert ${files.ca} -H 'authorization: Bearer ${token}' -H 'content-type: application/json' \\
    -d '{"conversation":{"direct":["alice"]},"text":"Hello"}' ${serverOrigin}/v1/chat/messages

and Alice's phones write what they show to ${files.logs}/alice-iphone.log and alice-android.log.
Stop everything with Ctrl-C.`;
}
