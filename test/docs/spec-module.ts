// The receiver that SPEC.md's blocks of JavaScript make when they are joined, loaded as a module of its own.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runnableModule, SPEC_URL } from './spec-text.ts';

/** A CBOR map as the module decodes it. */
export type SpecMap = ReadonlyMap<number, unknown>;

export interface SpecPayload {
  readonly sentAt: number;
  readonly counter: number;
  readonly ttl: number;
  readonly kind: number;
  readonly body: SpecMap;
  readonly unread?: number;
  readonly removed?: readonly unknown[];
}

/** The names that an envelope is bound to, and what each side holds. */
export interface SpecRecipient {
  readonly suite: number;
  readonly kid: Uint8Array;
  readonly origin: string;
  readonly appId: string;
  readonly registrationId: Uint8Array;
  readonly epoch: number;
  readonly chain: Uint8Array;
}

export interface SpecOpened {
  readonly epoch: number;
  readonly oldestEpoch: number;
  readonly oldestChain: Uint8Array;
  readonly payload: SpecPayload | null;
  readonly failedStep: string | null;
}

export interface SpecPair {
  readonly sentAt: number;
  readonly hash: Uint8Array;
}

export interface SpecState {
  readonly pairs: readonly SpecPair[];
  readonly floor: SpecPair | null;
  readonly tombstones: ReadonlyMap<string, number>;
  readonly newest: ReadonlyMap<string, number>;
}

export interface SpecVerdict {
  readonly loud: boolean;
  readonly changesState: boolean;
  readonly expired: boolean;
  readonly fromFuture: boolean;
  readonly removed: boolean;
  readonly superseded: boolean;
  readonly pair: SpecPair;
}

/** Each key: bkid, suite, key, not_before, not_after. */
export interface SpecKeyList {
  readonly version: number;
  readonly keys: readonly (readonly unknown[])[];
}

/** What the tests call of it. */
export interface SpecModule {
  isOrigin(text: string): boolean;
  decodeBase64url(text: string): Uint8Array;
  decodeCbor(bytes: Uint8Array): unknown;
  readPayload(value: unknown): SpecPayload;
  seal(
    key: SpecRecipient & { readonly publicKey: Uint8Array },
    cbor: Uint8Array,
    bucket?: number,
    ephemeral?: Uint8Array,
  ): Uint8Array;
  open(
    envelope: Uint8Array,
    findKey: (
      kid: Uint8Array,
    ) => (SpecRecipient & { readonly privateKey: Uint8Array; readonly keepDays: number }) | null,
  ): SpecOpened | null;
  /** The first 16 bytes of SHA-256. */
  replayHash(envelope: Uint8Array): Uint8Array;
  judge(hash: Uint8Array, payload: SpecPayload, state: SpecState, keepDays: number, now: number): SpecVerdict;
  record(state: SpecState, pair: SpecPair): SpecState;
  bury(state: SpecState, payload: SpecPayload, keepDaysMax: number, now: number): SpecState;
  tokenInfo(suite: number, bkid: Uint8Array, context: object): Uint8Array;
  sealPushToken(
    key: { readonly bkid: Uint8Array; readonly suite: number; readonly key: Uint8Array },
    context: object,
    push: object,
    ephemeral?: Uint8Array,
  ): Uint8Array;
  answerChallenge(
    c: Uint8Array,
    pending: { readonly attempt: Uint8Array; readonly confirmKey: Uint8Array; readonly infoHash: Uint8Array },
  ): { readonly challenge: Uint8Array; readonly confirmation: Uint8Array } | null;
  revocationMac(pending: object): Uint8Array;
  verifyKeyList(
    trust: object,
    bouncerOrigin: string,
    signed: object,
    now: number,
  ): { readonly list: SpecKeyList; readonly seen: object; readonly now: number };
  selectBouncerKey(list: SpecKeyList, suite: number, now: number): readonly unknown[] | null;
  readonly XWING: {
    publicKey(seed: Uint8Array): Uint8Array;
    decapsulate(seed: Uint8Array, enc: Uint8Array): Uint8Array;
  };
}

const EXPORTED: readonly (keyof SpecModule)[] = [
  'isOrigin',
  'decodeBase64url',
  'decodeCbor',
  'readPayload',
  'seal',
  'open',
  'replayHash',
  'judge',
  'record',
  'bury',
  'tokenInfo',
  'sealPushToken',
  'answerChallenge',
  'revocationMac',
  'verifyKeyList',
  'selectBouncerKey',
  'XWING',
];

/** Runs the blocks as they stand, outside the test runner's own module loader. */
export function loadSpecModule(): SpecModule {
  const folder = mkdtempSync(join(tmpdir(), 'sealed-push-spec-'));
  try {
    const file = join(folder, 'spec.mjs');
    writeFileSync(file, runnableModule(readFileSync(SPEC_URL, 'utf8'), EXPORTED));
    return createRequire(import.meta.url)(file) as SpecModule;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The step that a call was refused at, or null if it was not refused. */
export function refusedStep(call: () => unknown): string | null {
  try {
    call();
    return null;
  } catch (error) {
    const step = (error as { step?: unknown }).step;
    if (typeof step !== 'string') throw error;
    return step;
  }
}
