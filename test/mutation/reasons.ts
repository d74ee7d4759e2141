// Why mutants live that no test can notice, or that none needs to. By what stands in the file, not by its line.

/** One mutant, or several of the same text in one file. */
export interface Reason {
  readonly file: string;
  readonly code: string;
  readonly mutant: string;
  readonly reason: string;
}

export const REASONS: readonly Reason[] = [
  {
    file: 'protocol/content/open/tombstones.ts',
    code: 'removedAt !== undefined',
    mutant: 'true',
    reason: 'No number is at most undefined.',
  },
  {
    file: 'protocol/content/seal/fit.ts',
    code: 'named.message.text.length > 0',
    mutant: 'true',
    reason:
      'Where there is no text there is no room for less of it either: what does not fit is found out one step later.',
  },
  {
    file: 'protocol/content/seal/fit.ts',
    code: 'named.message.text.length > 0',
    mutant: 'named.message.text.length >= 0',
    reason:
      'Where there is no text there is no room for less of it either: what does not fit is found out one step later.',
  },
  {
    file: 'protocol/content/seal/fit.ts',
    code: 'text.slice(0, bytesMax + 2)',
    mutant: 'text',
    reason: 'What follows is never reached; the slice saves the segmenter a copy of a long text.',
  },
  {
    file: 'protocol/content/seal/zulip/fit.ts',
    code: "named.type !== 'message'",
    mutant: 'false',
    reason: 'A removal has no text that could be cut, so there is no room for less of it either.',
  },
  {
    file: 'protocol/crypto/backend-native.ts',
    code: '{ authTagLength: TAG_BYTES, }',
    mutant: '{}',
    reason: '16 bytes is what both AEADs have without being told, and the tag that is given always has 16.',
  },
  {
    file: 'protocol/crypto/backend-native.ts',
    code: 'aad.length > 0',
    mutant: 'true',
    reason:
      'Nothing authenticated beside the text is the same as an empty text authenticated beside it; the check saves a call.',
  },
  {
    file: 'protocol/crypto/backend-native.ts',
    code: 'aad.length > 0',
    mutant: 'aad.length >= 0',
    reason:
      'Nothing authenticated beside the text is the same as an empty text authenticated beside it; the check saves a call.',
  },
  {
    file: 'protocol/crypto/backend-native.ts',
    code: 'i < key.length',
    mutant: 'i <= key.length',
    reason:
      'A key has at most 64 bytes here; beyond them there is nothing to write to, and before that the pad stays what it was.',
  },
  {
    file: 'protocol/crypto/backend-native.ts',
    code: 'parts.length === 1',
    mutant: 'false',
    reason: 'A join of one part is that part; not to join it saves a copy.',
  },
  {
    file: 'protocol/crypto/hkdf.ts',
    code: 'length === HASH_BYTES',
    mutant: 'false',
    reason: 'The loop gives the same block; to leave it out saves two copies.',
  },
  {
    file: 'protocol/crypto/hkdf.ts',
    code: 'output.length < length',
    mutant: 'output.length <= length',
    reason: 'One block more than is needed, which is cut off.',
  },
  {
    file: 'protocol/registration/open/open-push-token.ts',
    code: "'open_failed'",
    mutant: '""',
    reason: 'The code is written again where all errors of opening become one.',
  },
  {
    file: 'protocol/registration/open/sign-key-list.ts',
    code: "'key_list_refused'",
    mutant: '""',
    reason: 'A list of 16 keys, the most that decodeKeyList takes in the next line, cannot be as long.',
  },
  {
    file: 'protocol/registration/open/sign-key-list.ts',
    code: 'bytes.length > BOUNCER_KEY_LIST_BYTES_MAX',
    mutant: 'false',
    reason: 'A list of 16 keys, the most that decodeKeyList takes in the next line, cannot be as long.',
  },
  {
    file: 'protocol/registration/open/sign-key-list.ts',
    code: 'bytes.length > BOUNCER_KEY_LIST_BYTES_MAX',
    mutant: 'bytes.length >= BOUNCER_KEY_LIST_BYTES_MAX',
    reason: 'A list of 16 keys, the most that decodeKeyList takes in the next line, cannot be as long.',
  },
  {
    file: 'protocol/registration/open/zulip/open-registration.ts',
    code: 'blob === null',
    mutant: 'false',
    reason: 'What opens nothing is refused all the same.',
  },
  {
    file: 'protocol/registration/open/zulip/open-registration.ts',
    code: 'plaintext === null',
    mutant: 'false',
    reason: 'What opens nothing is refused all the same.',
  },
  {
    file: 'protocol/registration/seal/verify-key-list.ts',
    code: 'hex(a.bkid) < hex(b.bkid)',
    mutant: 'hex(a.bkid) <= hex(b.bkid)',
    reason: 'No two keys of a list have the same bkid; decodeKeyList refuses it.',
  },
  {
    file: 'protocol/registration/zulip/registration.ts',
    code: "token_kind === 'fcm'",
    mutant: 'false',
    reason: 'A member that is undefined is not written.',
  },
  {
    file: 'protocol/registration/zulip/registration.ts',
    code: "'fcm'",
    mutant: '""',
    reason: 'A member that is undefined is not written.',
  },
  {
    file: 'protocol/wire/base64url.ts',
    code: 'bytes.length / 3',
    mutant: 'bytes.length * 3',
    reason:
      'More room than is needed, which is cut off, or steps beyond the end, where nothing is read or written.',
  },
  {
    file: 'protocol/wire/base64url.ts',
    code: 'group < whole',
    mutant: 'group <= whole',
    reason: 'A step beyond the end, where what is written is written again or nowhere.',
  },
  {
    file: 'protocol/wire/base64url.ts',
    code: 'groups > whole',
    mutant: 'true',
    reason: 'Where no bytes are left, this writes beyond the end, which is nowhere.',
  },
  {
    file: 'protocol/wire/base64url.ts',
    code: 'groups > whole',
    mutant: 'groups >= whole',
    reason: 'Where no bytes are left, this writes beyond the end, which is nowhere.',
  },
  {
    file: 'protocol/wire/base64url.ts',
    code: 'text.length / 4',
    mutant: 'text.length * 4',
    reason: 'More room than is needed, which is cut off.',
  },
  {
    file: 'protocol/wire/base64url.ts',
    code: 'group < groups',
    mutant: 'group <= groups',
    reason: 'A step beyond the end, where nothing is read and what is written is cut off.',
  },
  {
    file: 'protocol/wire/base64url.ts',
    code: 'index < text.length',
    mutant: 'true',
    reason: 'There is no character beyond the end, and so no entry of the table: shifted, that is 0 as well.',
  },
  {
    file: 'protocol/wire/base64url.ts',
    code: 'index < text.length',
    mutant: 'index <= text.length',
    reason: 'There is no character beyond the end, and so no entry of the table: shifted, that is 0 as well.',
  },
  {
    file: 'protocol/wire/cbor.ts',
    code: 'wide',
    mutant: 'true',
    reason: 'The upper half of a number below 2^32 is 0, and the lower half is written over it.',
  },
  {
    file: 'protocol/wire/cbor.ts',
    code: 'end > cursor.bytes.length',
    mutant: 'false',
    reason:
      'What is taken beyond the end moves the offset there, which decodeCbor refuses; nothing is counted or kept meanwhile that the limits do not bound.',
  },
  {
    file: 'protocol/wire/bytes.ts',
    code: 'part.length > SHORT_BYTES',
    mutant: 'true',
    reason: 'Both branches copy the part; one of them is quicker.',
  },
  {
    file: 'protocol/wire/bytes.ts',
    code: 'part.length > SHORT_BYTES',
    mutant: 'false',
    reason: 'Both branches copy the part; one of them is quicker.',
  },
  {
    file: 'protocol/wire/bytes.ts',
    code: 'part.length > SHORT_BYTES',
    mutant: 'part.length >= SHORT_BYTES',
    reason: 'Both branches copy the part; one of them is quicker.',
  },
  {
    file: 'protocol/wire/bytes.ts',
    code: 'part.length > SHORT_BYTES',
    mutant: 'part.length <= SHORT_BYTES',
    reason: 'Both branches copy the part; one of them is quicker.',
  },
  {
    file: 'protocol/wire/bytes.ts',
    code: 'i < part.length',
    mutant: 'i <= part.length',
    reason:
      'The byte too many is not there: it writes a zero where the next part follows, or nothing at all at the end.',
  },
  {
    file: 'protocol/wire/padding.ts',
    code: 'padded.length < LENGTH_BYTES',
    mutant: 'false',
    reason: 'Bytes that are not there make a length of 0, which is refused.',
  },
  {
    file: 'protocol/wire/padding.ts',
    code: 'padded.length < LENGTH_BYTES',
    mutant: 'padded.length <= LENGTH_BYTES',
    reason: 'Bytes that are not there make a length of 0, which is refused.',
  },
  {
    file: 'protocol/wire/padding.ts',
    code: 'i < padded.length',
    mutant: 'i <= padded.length',
    reason: 'A byte that is not there counts as zero.',
  },
  {
    file: 'protocol/wire/zulip/json.ts',
    code: 'text === null',
    mutant: 'false',
    reason: 'JSON.parse makes null of null, which no schema takes, as it takes no undefined.',
  },
  {
    file: 'protocol/wire/zulip/json.ts',
    code: '{ return undefined; }',
    mutant: '{}',
    reason: 'To return nothing is to return undefined.',
  },
];
