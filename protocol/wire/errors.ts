// The one error of the protocol library (SPEC.md section 11).

/** What broken input can be called. The texts are fixed, so nothing of the input can leak through them. */
const TEXTS = {
  base64url_malformed: 'not canonical unpadded base64url',
  cbor_malformed: 'not CBOR of the strict profile',
  cbor_unencodable: 'a value that the CBOR profile has no form for',
  origin_malformed: 'not an origin of this protocol',
  app_id_malformed: 'not an app id of this protocol',
  envelope_malformed: 'not an envelope',
  suite_unknown: 'a suite that is unknown or not for this use',
  key_malformed: 'not a key of this suite',
  epoch_out_of_range: 'an epoch outside the range',
  payload_too_large: 'the payload does not fit the bucket',
  payload_malformed: 'not a payload',
  open_failed: 'could not be opened',
  key_list_refused: 'the list of bouncer keys is refused',
  clock_wrong: 'only the clock of this device makes the list of bouncer keys expired',
  no_bouncer_key: 'the list has no key for this suite and time',
} as const;

/** The closed list of codes of {@link ProtocolError}. */
export type ProtocolErrorCode = keyof typeof TEXTS;

/** Where opening stopped. A local diagnostic: it never leaves the device (SPEC.md section 11). */
export type OpenStep = 'length' | 'suite' | 'epoch' | 'aead' | 'padding' | 'cbor' | 'schema';

/** Thrown for input that is broken. An expected outcome is a value instead. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
  readonly code: ProtocolErrorCode;
  /** Set with `open_failed` only. */
  readonly step: OpenStep | undefined;

  constructor(code: ProtocolErrorCode, step?: OpenStep) {
    super(TEXTS[code]);
    this.code = code;
    this.step = step;
  }
}
