// Every limit of the simulated providers, in one place: Apple's and Google's as documented, and our own
// where a simulator must stay bounded.

/** APNs: largest notification, and largest VoIP notification. */
export const apnsPayloadBytesMax = 4096;
export const apnsVoipPayloadBytesMax = 5120;
export const apnsHeaderListBytesMax = 8000;
export const apnsCollapseIdBytesMax = 64;
export const apnsTopicCharactersMax = 255;
/** Token lengths are not promised to stay at 64 digits. */
export const apnsDeviceTokenCharactersMax = 200;
export const apnsDeviceTokenBytes = 32;
export const apnsStorageSecondsMax = 2_592_000;
/** Streams on a new connection, and after the first accepted push. */
export const apnsStreamsAtFirst = 1;
export const apnsStreamsAfterFirst = 1000;
export const apnsStreamsMax = 100_000;

/** A provider token is refused after an hour and may be signed anew every 20 minutes. */
export const providerTokenAgeSecondsMax = 3600;
export const providerTokenUpdateSecondsMin = 1200;
export const providerTokenSkewSecondsMax = 60;
export const providerTokensCachedMax = 1000;

/** FCM: keys and values of `data`, UTF-8 bytes in total. */
export const fcmDataBytesMax = 4096;
export const fcmTtlSecondsMax = 2_419_200;
export const fcmStoredMax = 100;
export const fcmCollapseKeysMax = 4;
export const fcmStreams = 100;

export const accessTokenSecondsMax = 3599;
export const accessTokensMax = 10_000;
export const assertionLifeSecondsMax = 3600;
export const assertionSkewSecondsMax = 300;

/** What is kept of a request's body; more is counted, and thrown away. */
export const apnsBodyBytesKept = 8192;
export const fcmBodyBytesMax = 16_384;
export const controlBodyBytesMax = 65_536;

export const recordEntriesMax = 20_000;
export const devicesMax = 1_000_000;
export const faultsMax = 1000;
export const faultTimesMax = 1_000_000;
export const faultLatencyMsMax = 600_000;
/** A phone that reads too slowly loses its connection. */
export const deliveryBacklogBytesMax = 16_777_216;
export const clockAdvanceMsMax = 34_560_000_000;
export const accountsFileBytesMax = 1_048_576;
