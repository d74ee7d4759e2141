// How a generated block of SPEC.md looks: names with their bytes in hex, JSON with long strings cut, fences.
import { hex } from '../../protocol/wire/bytes.ts';

const HEX_BYTES_PER_LINE = 32;
const TEXT_LENGTH_MAX = 90;

/** A name and the bytes under it. */
export type Value = readonly [string, Uint8Array];

/** Names, lengths and hex, 32 bytes a line. */
export function values(entries: readonly Value[]): string {
  return fence(
    entries.map(([name, bytes]) => `${name} (${bytes.length} bytes)\n${hexLines(bytes)}`).join('\n'),
  );
}

function hexLines(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let start = 0; start < bytes.length; start += HEX_BYTES_PER_LINE) {
    lines.push(`  ${hex(bytes.subarray(start, start + HEX_BYTES_PER_LINE))}`);
  }
  return lines.join('\n');
}

export function paddedValue(padded: Uint8Array, cbor: Uint8Array): string {
  const zeros = padded.length - 2 - cbor.length;
  const shown = padded.subarray(0, 2 + cbor.length);
  return fence(`padded plaintext (${padded.length} bytes)\n${hexLines(shown)}\n  00 × ${zeros}`);
}

/** JSON with long strings cut in the middle of the page, and their length said. */
export function json(body: unknown): string {
  return JSON.stringify(
    body,
    (_, value: unknown) =>
      typeof value === 'string' && value.length > TEXT_LENGTH_MAX
        ? `${value.slice(0, 24)}… (${value.length} characters)`
        : value,
    2,
  );
}

export function fence(text: string, language = 'text'): string {
  return `\`\`\`${language}\n${text}\n\`\`\``;
}
