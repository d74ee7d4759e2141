// Every limit of the protocol, by the section of SPEC.md that states it. SPEC.md section 15 quotes this file.

/** Sizes of the padded plaintext, in bytes (SPEC.md section 8). 2944 is not allowed in suite 0x02. */
export const BUCKETS = [512, 1024, 1856, 2944] as const;
/** One of the sizes a padded plaintext may have, in bytes. */
export type Bucket = (typeof BUCKETS)[number];
/** The bucket that every notification gets unless an operator chooses otherwise. */
export const DEFAULT_BUCKET: Bucket = 1856;
/** The bucket of the push token's plaintext (SPEC.md section 6). */
export const PUSH_TOKEN_BUCKET: Bucket = 512;

// Identifiers and keys, in bytes (SPEC.md section 4).
export const KID_BYTES = 4;
export const BKID_BYTES = 4;
export const REGISTRATION_ID_BYTES = 16;
export const ATTEMPT_BYTES = 16;
export const CHALLENGE_BYTES = 16;
export const CHALLENGE_MAC_BYTES = 16;
export const COLLAPSE_BYTES = 16;
export const HANDLE_BYTES = 32;
export const SERVER_ID_BYTES = 16;
export const API_KEY_BYTES = 32;
export const CHAIN_BYTES = 32;
export const CONFIRM_KEY_BYTES = 32;
export const MAC_BYTES = 32;
export const ROOT_ID_BYTES = 4;
export const LEGACY_REFERENCE_BYTES = 16;

// Public keys of the suite registry and Ed25519 signatures, in bytes.
export const PUBLIC_KEY_BYTES_MIN = 32;
export const PUBLIC_KEY_BYTES_MAX = 1216;
export const SIGNATURE_BYTES = 64;

// Envelopes, the shortest and the longest of both suites, in bytes (SPEC.md section 7).
export const ENVELOPE_BYTES_MIN: number = 55 + 512;
export const ENVELOPE_BYTES_MAX = 2999;

// Names that enter `info`, in bytes (SPEC.md section 7).
export const ORIGIN_BYTES_MAX = 255;
export const APP_ID_BYTES_MAX = 255;

// The ratchet (SPEC.md section 4).
export const EPOCH_MAX = 0xffff;
export const EPOCHS_AHEAD_MAX = 1023;
export const KEEP_DAYS_MIN = 1;
export const KEEP_DAYS_MAX = 28;
export const KEEP_DAYS_DEFAULT = 3;
export const LIVE_KIDS_MAX = 4;
export const KEY_AGE_DAYS_MAX = 400;

// CBOR (SPEC.md section 8).
export const CBOR_DEPTH_MAX = 4;
/** Items of one array or pairs of one map; no message of this protocol needs more. */
export const CBOR_ITEMS_MAX = 512;

// The payload (SPEC.md section 9).
export const REFERENCE_BYTES_MAX = 16;
export const NAME_BYTES_MAX = 128;
export const AVATAR_BYTES_MAX = 255;
export const REMOVED_REFERENCES_MAX = 32;
export const REMOVE_REFERENCES_MAX = 300;
export const TEST_NONCE_BYTES = 16;

// Replay and staleness (SPEC.md section 10).
export const REPLAY_WINDOW_PAIRS = 256;
export const REPLAY_HASH_BYTES = 16;
export const CLOCK_TOLERANCE_SECONDS = 600;

// The list of bouncer keys (SPEC.md section 6).
export const BOUNCER_KEYS_MAX = 16;
export const BOUNCER_KEY_LIST_BYTES_MAX: number = 24 * 1024;
export const BOUNCER_KEY_LIST_LIFE_SECONDS_MAX: number = 30 * 86_400;
export const BOUNCER_KEY_OPEN_SECONDS: number = 90 * 86_400;

// Registration at the chat server (SPEC.md section 13).
/** Registrations of one user; another one is `too_many_devices`. */
export const DEVICES_PER_USER_MAX = 100;
/** Per registration, beside the present ones: what is known for the answer to a repetition. */
export const ATTEMPTS_REMEMBERED_MAX = 16;
export const REPLACED_KIDS_REMEMBERED_MAX = 16;

// Registration at the bouncer (SPEC.md sections 5 and 6).
export const ATTEMPT_AGE_SECONDS_MAX = 86_400;
export const ATTEMPT_PENDING_SECONDS = 600;
export const ATTEMPT_REMEMBERED_SECONDS: number = 25 * 3600;
export const CHALLENGES_PER_ORIGIN_HOUR_MAX = 5;
export const CHALLENGES_PER_TOKEN_DAY_MAX = 30;
export const ACTIVE_HANDLES_PER_TOKEN_MAX = 64;
/** Bytes of an APNs token, or of the UTF-8 text of an FCM token. */
export const PUSH_TOKEN_BYTES_MAX = 300;
/** suite ‖ bkid ‖ enc ‖ ciphertext, with the shortest and the longest enc of the suite registry. */
export const SEALED_TOKEN_BYTES_MIN: number = 1 + BKID_BYTES + 32 + PUSH_TOKEN_BUCKET + 16;
export const SEALED_TOKEN_BYTES_MAX: number = 1 + BKID_BYTES + 1120 + PUSH_TOKEN_BUCKET + 16;

// The providers' own limits, in bytes (SPEC.md section 15).
export const APNS_PAYLOAD_BYTES_MAX = 4096;
export const FCM_DATA_BYTES_MAX = 4000;

// HTTP (SPEC.md section 13).
export const NOTIFICATIONS_PER_REQUEST_MAX = 1000;
/** A batch of 1,000 of the largest envelopes in base64url with their other fields fits. */
export const NOTIFICATIONS_BODY_BYTES_MAX: number = 5 * 1024 * 1024;
export const BODY_BYTES_MAX: number = 64 * 1024;
export const HANDLES_PER_REMOVAL_MAX = 100;
/** A notification may wait at most this long at server, bouncer and provider together. */
export const TTL_SECONDS_MAX: number = KEEP_DAYS_MAX * 86_400;
/** `expires_at` is rounded up to a multiple of this. */
export const EXPIRY_GRAIN_SECONDS = 3600;
export const BADGE_MAX = 99_999;
export const APP_IDS_MAX = 64;

// Devices without E2EE (SPEC.md section 14).
/** Redacted notifications to one bare token of an origin; more are `retry`. */
export const LEGACY_NOTIFICATIONS_PER_HOUR_MAX = 30;
