// JSON as Zulip encrypts it: read once here, then parsed by a schema.
import { textOf } from '../bytes.ts';

/** The value in UTF-8 bytes, or undefined if they are not JSON. The caller bounds their number. */
export function decodeJson(bytes: Uint8Array): unknown {
  const text = textOf(bytes);
  try {
    return text === null ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
