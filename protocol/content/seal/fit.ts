// Making a payload fit its bucket (SPEC.md section 9): text is cut at a grapheme border and flagged, names are cut to
// their limit, references of `removed` are left for the next push.
import { utf8 } from '../../wire/bytes.ts';
import { ProtocolError } from '../../wire/errors.ts';
import { type Bucket, DEFAULT_BUCKET, NAME_BYTES_MAX } from '../../wire/limits.ts';
import { contentBytesMax } from '../../wire/padding.ts';
import type { Reference } from '../field.ts';
import type { MessageBody } from '../message.ts';
import { encodePayload, type Payload } from '../payload.ts';

const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' });

/**
 * A payload that encodes to at most `bucket` − 2 bytes.
 * @throws ProtocolError `payload_too_large` if nothing that may be shortened is left (a `remove` with too many
 * references: the caller splits it).
 */
export function fitPayload(payload: Payload, bucket: Bucket = DEFAULT_BUCKET): Payload {
  const named = payload.kind === 'message' ? { ...payload, message: fitNames(payload.message) } : payload;
  const excess = encodePayload(named).length - contentBytesMax(bucket);
  if (excess <= 0) return named;
  if (named.kind === 'message' && named.message.text.length > 0) {
    const fitted = fitText(named, named.message, bucket);
    if (fitted !== null) return fitted;
  }
  if (named.removed === undefined) throw new ProtocolError('payload_too_large');
  return fitPayload(withFewerRemoved(named, named.removed), bucket);
}

/**
 * The longest prefix of whole graphemes that take at most `bytesMax` bytes.
 * @param bytesOf what a grapheme takes: at least a byte for each UTF-16 unit
 */
export function cutAtGrapheme(
  text: string,
  bytesMax: number,
  bytesOf: (grapheme: string) => number = utf8Bytes,
): string {
  // A UTF-16 unit is at least one byte, so what reaches the end of this slice does not fit, whatever would follow it.
  const slice = text.slice(0, bytesMax + 2);
  let end = 0;
  let bytes = 0;
  for (const { segment, index } of graphemes.segment(slice)) {
    bytes += bytesOf(segment);
    if (bytes > bytesMax) break;
    end = index + segment.length;
  }
  return text.slice(0, end);
}

function utf8Bytes(text: string): number {
  return utf8(text).length;
}

function fitNames(message: MessageBody): MessageBody {
  const { conversation, sender } = message;
  return {
    ...message,
    text: message.text.toWellFormed(),
    conversation: {
      ...conversation,
      ...(conversation.name !== undefined && { name: fitName(conversation.name) }),
      ...(conversation.topic !== undefined && { topic: fitName(conversation.topic) }),
    },
    sender: { ...sender, name: fitName(sender.name) },
  };
}

function fitName(name: string): string {
  return cutAtGrapheme(name.toWellFormed(), NAME_BYTES_MAX);
}

/** The payload with as much of the text as fits, or null if not even an empty text fits. */
function fitText(payload: Payload, message: MessageBody, bucket: Bucket): Payload | null {
  const cut = (text: string): Payload => ({
    ...payload,
    kind: 'message',
    message: { ...message, text, truncated: true },
  });
  // The head of the text's length grows with it: measured with the longest head, 3 bytes, instead of 1.
  const room = contentBytesMax(bucket) - encodePayload(cut('')).length - 2;
  return room < 0 ? null : cut(cutAtGrapheme(message.text, room));
}

function withFewerRemoved(payload: Payload, removed: readonly Reference[]): Payload {
  const { removed: _, ...rest } = payload;
  const kept = removed.slice(0, Math.floor(removed.length / 2));
  return kept.length > 0 ? { ...rest, removed: kept } : rest;
}
