// The suite registry (SPEC.md section 12). The byte names the whole construction; nothing is negotiated in band.
import { ProtocolError } from './errors.ts';
import { BUCKETS, type Bucket } from './limits.ts';

/** What a suite is for. A suite is refused outside its use. */
export type SuiteUse = 'notification' | 'push-token';

/** One row of the registry. Lengths in bytes; ids of KEM, KDF and AEAD are IANA's for HPKE. */
export interface Suite {
  readonly id: number;
  readonly name: string;
  readonly use: SuiteUse;
  readonly mode: 'psk' | 'base';
  readonly kemId: number;
  readonly kdfId: number;
  readonly aeadId: number;
  readonly encBytes: number;
  readonly tagBytes: number;
  readonly publicKeyBytes: number;
  readonly privateKeyBytes: number;
  readonly buckets: readonly Bucket[];
}

/** DHKEM(X25519, HKDF-SHA256) with ChaCha20-Poly1305 in PSK mode: notifications. */
export const SUITE_X25519_PSK: Suite = {
  id: 0x01,
  name: 'X25519-PSK',
  use: 'notification',
  mode: 'psk',
  kemId: 0x0020,
  kdfId: 0x0001,
  aeadId: 0x0003,
  encBytes: 32,
  tagBytes: 16,
  publicKeyBytes: 32,
  privateKeyBytes: 32,
  buckets: BUCKETS,
};

/** DHKEM(X25519, HKDF-SHA256) with ChaCha20-Poly1305 in base mode: push tokens. */
export const SUITE_X25519_BASE: Suite = {
  ...SUITE_X25519_PSK,
  id: 0x11,
  name: 'X25519-BASE',
  use: 'push-token',
  mode: 'base',
  buckets: [512],
};

/** X-Wing (ML-KEM-768 and X25519) with AES-256-GCM in PSK mode: notifications. */
export const SUITE_XWING_PSK: Suite = {
  id: 0x02,
  name: 'XWING-PSK',
  use: 'notification',
  mode: 'psk',
  kemId: 0x647a,
  kdfId: 0x0001,
  aeadId: 0x0002,
  encBytes: 1120,
  tagBytes: 16,
  publicKeyBytes: 1216,
  privateKeyBytes: 32,
  buckets: [512, 1024, 1856],
};

/** X-Wing with AES-256-GCM in base mode: push tokens, the default there. */
export const SUITE_XWING_BASE: Suite = {
  ...SUITE_XWING_PSK,
  id: 0x12,
  name: 'XWING-BASE',
  use: 'push-token',
  mode: 'base',
  buckets: [512],
};

/** Every suite that this version knows. 0x31, Zulip's, is none: it has no envelope. */
export const SUITES: readonly Suite[] = [
  SUITE_X25519_PSK,
  SUITE_XWING_PSK,
  SUITE_X25519_BASE,
  SUITE_XWING_BASE,
];

/**
 * The suite of an id, for one use.
 * @throws ProtocolError `suite_unknown` for an id that is not in the registry (greased ones among them) or
 * that is for another use.
 */
export function findSuite(id: number, use: SuiteUse): Suite {
  const suite = SUITES.find((known) => known.id === id && known.use === use);
  if (suite === undefined) throw new ProtocolError('suite_unknown');
  return suite;
}
