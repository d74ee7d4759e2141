// The limits of suite 0x31, Zulip's own form (SPEC.md appendix C). They are Zulip's where it has one.
// Apart from ../limits.ts, because nothing of the sealed path knows anything of this folder.

/** A nonce and a tag, in bytes: what a secretbox has beside its plaintext. */
export const SECRETBOX_OVERHEAD_BYTES = 40;
/** An ephemeral public key and a tag, in bytes: what a sealed box has beside its plaintext. */
export const SEALED_BOX_OVERHEAD_BYTES = 48;

/** The tag 0x31, then 32 bytes. */
export const PUSH_KEY_BYTES = 33;
/** Unsigned, 32 bits. */
export const PUSH_KEY_ID_MAX = 0xffff_ffff;

/** The longest plaintext that we seal: with it an APNs body with a title and a sound has at most 4096 bytes, and FCM
 * data at most 4000, keys counted. */
export const ZULIP_PLAINTEXT_BYTES_MAX = 2933;
/** The longest `encrypted_data` that is looked at: the one that fills the 4096 bytes that Zulip allows FCM data. */
export const ZULIP_ENCRYPTED_DATA_CHARACTERS_MAX = 4048;
/** `message_ids` of one removal. */
export const ZULIP_MESSAGE_IDS_MAX = 200;
/** Names and topics, in bytes of JSON: Zulip's longest name has 100 code points. */
export const ZULIP_NAME_BYTES_MAX = 400;

/** A provider's token, as text. */
export const ZULIP_TOKEN_CHARACTERS_MAX = 4096;
/** The first bytes of SHA-256 of the token. */
export const TOKEN_ID_BYTES = 8;
export const ZULIP_SEALED_REGISTRATION_CHARACTERS_MAX = 8192;
/** Older registrations are answered with REQUEST_EXPIRED. */
export const ZULIP_REGISTRATION_AGE_SECONDS_MAX = 86_400;
