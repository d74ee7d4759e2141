// "Find my secret": looks for a text in bytes, in every encoding that a leak could wear.

/** How many bytes a needle needs to be worth looking for: shorter ones are found by chance. */
const NEEDLE_BYTES_MIN = 6;

/** The encodings looked for. */
export const ENCODINGS = ['utf8', 'latin1', 'utf16le', 'base64', 'base64url', 'hex', 'json'] as const;
export type Encoding = (typeof ENCODINGS)[number];

/** The encodings in which the bytes hold the text; empty if none does. */
export function findSecret(haystack: Buffer, secret: string): readonly Encoding[] {
  return ENCODINGS.filter((encoding) =>
    needles(secret, encoding).some(
      (needle) => needle.length >= NEEDLE_BYTES_MIN && haystack.includes(needle),
    ),
  );
}

function needles(secret: string, encoding: Encoding): readonly Buffer[] {
  const bytes = Buffer.from(secret, 'utf8');
  switch (encoding) {
    case 'utf8':
    case 'utf16le':
      return [Buffer.from(secret, encoding)];
    case 'latin1':
      // The same bytes as UTF-8 unless the text has a character between U+0080 and U+00FF.
      return [...secret].every((character) => (character.codePointAt(0) as number) < 256)
        ? [Buffer.from(secret, 'latin1')]
        : [];
    case 'base64':
    case 'base64url':
      return [0, 1, 2].map((offset) => Buffer.from(innerBase64(bytes, offset, encoding)));
    case 'hex':
      return [Buffer.from(bytes.toString('hex')), Buffer.from(bytes.toString('hex').toUpperCase())];
    case 'json':
      return [Buffer.from(escapeJson(secret))];
  }
}

/** The characters that the text decides alone when it stands `offset` bytes after a border of three. */
function innerBase64(bytes: Buffer, offset: number, encoding: 'base64' | 'base64url'): string {
  const text = Buffer.concat([Buffer.alloc(offset), bytes])
    .toString(encoding)
    .replaceAll('=', '');
  const head = offset === 0 ? 0 : offset + 1;
  const tail = (offset + bytes.length) % 3 === 0 ? 0 : 1;
  return text.slice(head, text.length - tail);
}

/** Every character outside ASCII as \uXXXX. */
function escapeJson(secret: string): string {
  const quoted = JSON.stringify(secret).slice(1, -1);
  return quoted.replaceAll(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
