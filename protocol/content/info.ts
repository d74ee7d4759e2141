// What an envelope is bound to (SPEC.md section 7).
//
//   info   = "sealed-push/1 notification" ‖ suite ‖ u8len origin ‖ u8len app_id ‖ registration_id
//   psk_id = kid ‖ epoch
import { concat, u8, u8len, u16, utf8 } from '../wire/bytes.ts';
import { encodeAppId, encodeOrigin } from '../wire/origin.ts';
import type { Suite } from '../wire/suites.ts';

const LABEL = utf8('sealed-push/1 notification');

/** The registration that an envelope is for. */
export interface Recipient {
  readonly suite: Suite;
  /** 4 bytes. */
  readonly kid: Uint8Array;
  readonly origin: string;
  readonly appId: string;
  /** 16 bytes. */
  readonly registrationId: Uint8Array;
}

/** HPKE's `info`, at most 555 bytes. @throws ProtocolError `origin_malformed`, `app_id_malformed` */
export function encodeInfo(recipient: Recipient): Uint8Array {
  return concat(
    LABEL,
    u8(recipient.suite.id),
    u8len(encodeOrigin(recipient.origin)),
    u8len(encodeAppId(recipient.appId)),
    recipient.registrationId,
  );
}

/** HPKE's `psk_id`, 6 bytes. */
export function encodePskId(kid: Uint8Array, epoch: number): Uint8Array {
  return concat(kid, u16(epoch));
}
