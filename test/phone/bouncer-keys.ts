// The stand-in's bouncer keys and the list of them: X-Wing, X25519, and one of a suite that nobody knows.

import { nativeBackend } from '../../protocol/crypto/backend-native.ts';
import { generateKeyPair, type KeyPair } from '../../protocol/crypto/key-pair.ts';
import type { KeyList } from '../../protocol/registration/key-list.ts';
import type { BouncerPrivateKey } from '../../protocol/registration/open/open-push-token.ts';
import { signKeyList } from '../../protocol/registration/open/sign-key-list.ts';
import type { SignedKeyList } from '../../protocol/wire/bouncer-api.ts';
import { SUITE_X25519_BASE, SUITE_XWING_BASE, type Suite } from '../../protocol/wire/suites.ts';

const GREASED_SUITE = 0xc7;
const START: number = Math.floor(Date.now() / 1000);
const FROM: number = START - 60;
const UNTIL: number = START + 86_400;

export class BouncerKeys {
  readonly root: Uint8Array;
  /** What the list names beside the greased suite. */
  listed: readonly Suite[] = [SUITE_X25519_BASE, SUITE_XWING_BASE];
  version = 1;
  readonly held: readonly (BouncerPrivateKey & KeyPair)[] = [SUITE_X25519_BASE, SUITE_XWING_BASE].map(
    (suite) => ({
      bkid: nativeBackend.randomBytes(4),
      suite,
      ...generateKeyPair(nativeBackend, suite),
    }),
  );
  readonly #rootSeed: Uint8Array = nativeBackend.randomBytes(32);
  readonly #greased = { bkid: nativeBackend.randomBytes(4), key: nativeBackend.randomBytes(77) };

  constructor() {
    this.root = nativeBackend.ed25519PublicKey(this.#rootSeed);
  }

  reset(): void {
    this.listed = [SUITE_X25519_BASE, SUITE_XWING_BASE];
    this.version = 1;
  }

  sign(bouncerOrigin: string): SignedKeyList {
    return signKeyList(nativeBackend, this.#rootSeed, this.list(bouncerOrigin));
  }

  list(bouncerOrigin: string): KeyList {
    const named = this.held.filter(({ suite }) => this.listed.includes(suite));
    const keys: KeyList['keys'] = [
      ...named.map(({ bkid, suite, publicKey }) => ({
        bkid,
        suite: suite.id,
        key: publicKey,
        notBefore: FROM,
        notAfter: UNTIL,
      })),
      { ...this.#greased, suite: GREASED_SUITE, notBefore: FROM + 1, notAfter: UNTIL },
    ];
    return { version: this.version, issuedAt: FROM, validUntil: UNTIL, bouncerOrigin, keys };
  }
}
