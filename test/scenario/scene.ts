// The whole stack with carol, who writes, and alice, who has an iPhone and an Android phone with a key each.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { ChatClient } from '../../client-sim/chat-client.ts';
import type { PhoneProcess } from '../../client-sim/stack/phone-process.ts';
import { Stack } from '../../client-sim/stack/stack.ts';

export interface Scene {
  readonly stack: Stack;
  readonly carol: ChatClient;
  readonly iphone: PhoneProcess;
  readonly android: PhoneProcess;
  readonly phones: readonly PhoneProcess[];
  /** Ends every process and removes what they kept. */
  readonly end: () => Promise<void>;
}

/** An inbox entry as a phone tells it. */
interface Received {
  readonly reference: number;
  readonly text: string;
  readonly alerted: number;
}

export async function startScene(policy: 'redact' | 'require_e2ee' = 'redact'): Promise<Scene> {
  const folder = await mkdtemp(join(tmpdir(), 'sealed-push-scene-'));
  const stack = new Stack({ folder, policy });
  const end = async (): Promise<void> => {
    await stack.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await stack.start();
    const carol = await stack.operator.addUser('carol', 'Carol');
    await stack.operator.addUser('alice', 'Alice');
    const iphone = await stack.startPhone('alice-iphone', 'iphone', await stack.operator.logIn('alice'));
    const android = await stack.startPhone('alice-android', 'android', await stack.operator.logIn('alice'));
    return { stack, carol, iphone, android, phones: [iphone, android], end };
  } catch (error) {
    await end();
    throw error;
  }
}

/** How many different messages a phone has shown since it was started. */
export function countShown(phone: PhoneProcess): number {
  return new Set(phone.shown.map(({ reference }) => reference)).size;
}

/** Every accepted message (id → text) is in the phone's inbox, whole, once, and has sounded once. */
export async function expectAlertedOnce(
  phone: PhoneProcess,
  accepted: ReadonlyMap<number, string>,
): Promise<void> {
  const { inbox } = (await phone.command('state', { keys: false })) as unknown as {
    inbox: readonly Received[];
  };
  expect(new Map(inbox.map(({ reference, text }) => [reference, text]))).toEqual(accepted);
  expect(inbox).toHaveLength(accepted.size);
  expect(inbox.filter(({ alerted }) => alerted !== 1)).toEqual([]);
}
