// The body of kind 1, `message` (SPEC.md section 9).
//
//   {1 reference, 2 {1 kind, 2 id, ?3 name, ?4 topic}, 3 {1 name, ?2 avatar}, 4 text, ?5 truncated, ?6 edited, ?7 mention}
import { utf8 } from '../wire/bytes.ts';
import type { CborMap, CborValue } from '../wire/cbor.ts';
import { AVATAR_BYTES_MAX, BUCKETS, NAME_BYTES_MAX } from '../wire/limits.ts';
import {
  malformed,
  type Reference,
  readFlag,
  readInteger,
  readMap,
  readReference,
  readText,
} from './field.ts';

const CONVERSATION_KINDS = ['direct', 'group', 'channel'] as const;
const MENTIONS = ['personal', 'group', 'all'] as const;
/**
 * One slash, then neither space nor control character nor backslash: URL parsers drop those or take them for a slash. Half
 * a surrogate pair is no text that CBOR could carry.
 */
const AVATAR_EXPRESSION = /^\/(?!\/)[!-[\]-~\u{80}-\u{d7ff}\u{e000}-\u{10ffff}]*$/u;
const TEXT_BYTES_MAX = Math.max(...BUCKETS);

/** Where a message was written. `name` and `topic` have at most 128 bytes. */
export interface Conversation {
  readonly kind: (typeof CONVERSATION_KINDS)[number];
  readonly id: Reference;
  readonly name?: string;
  readonly topic?: string;
}

/** Who wrote it. `avatar` is a path on the origin, at most 255 bytes. */
export interface Sender {
  readonly name: string;
  readonly avatar?: string;
}

/** What a phone shows of a message. An empty text is a message without words: sender and conversation are shown. */
export interface MessageBody {
  readonly reference: Reference;
  readonly conversation: Conversation;
  readonly sender: Sender;
  readonly text: string;
  /** The text is a prefix of the message's, cut at a grapheme border. */
  readonly truncated?: true;
  readonly edited?: true;
  /** Who was meant: the user, a group of theirs, or everybody in the conversation. */
  readonly mention?: (typeof MENTIONS)[number];
}

/** Whether phones would take this as an avatar. */
export function isAvatar(path: string): boolean {
  return utf8(path).length <= AVATAR_BYTES_MAX && AVATAR_EXPRESSION.test(path);
}

/** The body as a CBOR map. */
export function encodeMessage(message: MessageBody): CborMap {
  const { conversation, sender } = message;
  const map: CborMap = new Map<number, CborValue>([
    [1, message.reference],
    [
      2,
      compact([
        [1, CONVERSATION_KINDS.indexOf(conversation.kind) + 1],
        [2, conversation.id],
        [3, conversation.name],
        [4, conversation.topic],
      ]),
    ],
    [
      3,
      compact([
        [1, sender.name],
        [2, sender.avatar],
      ]),
    ],
    [4, message.text],
  ]);
  if (message.truncated) map.set(5, true);
  if (message.edited) map.set(6, true);
  if (message.mention !== undefined) map.set(7, MENTIONS.indexOf(message.mention) + 1);
  return map;
}

/** The body of a CBOR map. @throws ProtocolError `payload_malformed` */
export function decodeMessage(map: CborMap): MessageBody {
  return {
    reference: readReference(map.get(1)),
    conversation: decodeConversation(readMap(map.get(2))),
    sender: decodeSender(readMap(map.get(3))),
    text: readText(map.get(4), TEXT_BYTES_MAX),
    ...(readFlag(map.get(5)) && { truncated: true as const }),
    ...(readFlag(map.get(6)) && { edited: true as const }),
    ...(map.has(7) && { mention: pick(MENTIONS, map.get(7)) }),
  };
}

function decodeConversation(map: CborMap): Conversation {
  return {
    kind: pick(CONVERSATION_KINDS, map.get(1)),
    id: readReference(map.get(2)),
    ...(map.has(3) && { name: readText(map.get(3), NAME_BYTES_MAX) }),
    ...(map.has(4) && { topic: readText(map.get(4), NAME_BYTES_MAX) }),
  };
}

function decodeSender(map: CborMap): Sender {
  return {
    name: readText(map.get(1), NAME_BYTES_MAX),
    ...(map.has(2) && { avatar: readAvatar(map.get(2)) }),
  };
}

function readAvatar(value: CborValue | undefined): string {
  const path = readText(value, AVATAR_BYTES_MAX);
  // A path of the origin, never another host.
  if (!AVATAR_EXPRESSION.test(path)) throw malformed();
  return path;
}

/** The member that a number from 1 stands for. */
function pick<Member extends string>(members: readonly Member[], value: CborValue | undefined): Member {
  return members[readInteger(value, 1, members.length) - 1] as Member;
}

/** A map without the absent fields. */
function compact(entries: readonly (readonly [number, CborValue | undefined])[]): CborMap {
  const map: CborMap = new Map();
  for (const [key, value] of entries) if (value !== undefined) map.set(key, value);
  return map;
}
