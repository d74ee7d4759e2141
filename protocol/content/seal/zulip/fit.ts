// Making a payload of suite 0x31 fit (SPEC.md appendix C): text is cut at a grapheme border and ends in an
// ellipsis, as Zulip's own does after 200 code points; here as much stays as there is room for.
import { utf8 } from '../../../wire/bytes.ts';
import { ProtocolError } from '../../../wire/errors.ts';
import { ZULIP_NAME_BYTES_MAX, ZULIP_PLAINTEXT_BYTES_MAX } from '../../../wire/zulip/limits.ts';
import { encodeZulipPayload, type ZulipPayload } from '../../zulip/payload.ts';
import { cutAtGrapheme } from '../fit.ts';

const ELLIPSIS = '…';

/**
 * A payload of at most 2933 bytes. Names are cut to 400 bytes; then a message loses text.
 * @throws ProtocolError `payload_too_large` if not even an empty text fits, as in a direct conversation of 300 people
 * with long names, or if a removal names too much: Zulip's form has no way to leave ids out.
 */
export function fitZulipPayload(payload: ZulipPayload): ZulipPayload {
  const named = fitNames(payload);
  if (encodeZulipPayload(named).length <= ZULIP_PLAINTEXT_BYTES_MAX) return named;
  if (named.type !== 'message') throw new ProtocolError('payload_too_large');
  const shortest = encodeZulipPayload({ ...named, content: ELLIPSIS });
  const room = ZULIP_PLAINTEXT_BYTES_MAX - shortest.length;
  if (room < 0) throw new ProtocolError('payload_too_large');
  return { ...named, content: cutAtGrapheme(named.content.toWellFormed(), room, jsonBytes) + ELLIPSIS };
}

function fitNames(payload: ZulipPayload): ZulipPayload {
  const realm_name = fitName(payload.realm_name);
  if (payload.type !== 'message') return { ...payload, realm_name };
  const group = payload.mentioned_user_group_name;
  const message = {
    ...payload,
    realm_name,
    sender_full_name: fitName(payload.sender_full_name),
    ...(group !== undefined && { mentioned_user_group_name: fitName(group) }),
  };
  if (message.recipient_type === 'direct') return message;
  return { ...message, channel_name: fitName(message.channel_name), topic: fitName(message.topic) };
}

function fitName(name: string): string {
  return cutAtGrapheme(name.toWellFormed(), ZULIP_NAME_BYTES_MAX, jsonBytes);
}

/** What a text takes inside a JSON string: quotes, backslashes and control characters are escaped. */
function jsonBytes(text: string): number {
  return utf8(JSON.stringify(text)).length - 2;
}
