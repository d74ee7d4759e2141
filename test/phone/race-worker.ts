// One of the two processes on a phone's state, the app or the extension: it takes in every envelope of a file, in their
// order, and says of each whether it sounded. It is killed.
import { readFile } from 'node:fs/promises';
import type { PhoneContext } from '../../client-sim/phone/context.ts';
import { receiveOnIphone } from '../../client-sim/phone/ios-app.ts';
import { openStateFile } from '../../client-sim/phone/state-file.ts';
import { nativeBackend } from '../../protocol/crypto/backend-native.ts';
import { apnsAlert, apnsBackground, TestClock } from './test-phone.ts';

const [, , role, statePath = '', envelopesPath = ''] = process.argv;
const { file } = await openStateFile(statePath);
const envelopes = JSON.parse(await readFile(envelopesPath, 'utf8')) as readonly string[];

let heard = 'nothing';
const context: PhoneContext = {
  backend: nativeBackend,
  clock: new TestClock(),
  file,
  emit: (event) => {
    if (event.event === 'shown') heard = event.sound ? 'sound' : 'silence';
    if (event.event === 'placeholder') heard = event.diagnostic;
  },
  confirm: () => undefined,
  checkSession: () => undefined,
};

for (const [index, envelope] of envelopes.entries()) {
  heard = 'nothing';
  const bytes = Buffer.from(envelope, 'base64url');
  const push = role === 'app' ? apnsBackground(bytes) : apnsAlert(bytes, `collapse-${index}`);
  await receiveOnIphone(context, push);
  process.stdout.write(`${index} ${heard}\n`);
}
