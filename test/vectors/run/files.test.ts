// The committed files are what the generator writes, byte by byte, and what the schema describes.
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { generatedFiles } from '../generate/files.ts';
import { type VectorFile, vectorFile } from '../shape/file.ts';

const FOLDER = new URL('../', import.meta.url);
const NAMES = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));
const VECTOR_NAMES = NAMES.filter((name) => name !== 'schema.json');
const generated = generatedFiles();

function committed(name: string): string {
  return readFileSync(new URL(name, FOLDER), 'utf8');
}

test('the generator writes the committed files and no others', () => {
  expect(Object.keys(generated).sort()).toEqual([...NAMES].sort());
});

test.each(NAMES)('the generator writes %s again, byte by byte', (name) => {
  expect(generated[name] === committed(name), 'run `npm run vectors`').toBe(true);
});

test.each(VECTOR_NAMES)(
  '%s has the shape of the schema, ids of its own, and flags and counts that agree',
  (name) => {
    const file: VectorFile = vectorFile.parse(JSON.parse(committed(name)));
    const ids = file.cases.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const used = new Set(file.cases.flatMap(({ flags }) => flags));
    expect(Object.keys(file.flags).sort()).toEqual([...used].sort());
    const counts: Record<string, number> = {};
    for (const { result } of file.cases) counts[result] = (counts[result] ?? 0) + 1;
    expect(file.counts).toEqual(counts);
  },
);

/** Cases by the suite that they are about. */
function casesOf(name: string, prefix = ''): readonly { readonly id: string; readonly result: string }[] {
  const { cases } = vectorFile.parse(JSON.parse(committed(name)));
  return (cases as readonly { readonly id: string; readonly result: string }[]).filter(({ id }) =>
    id.startsWith(prefix),
  );
}

test.each([
  ['0x01', casesOf('notification-01.json')],
  ['0x02', casesOf('notification-02.json')],
  ['0x11', casesOf('push-token.json', 't11-')],
  ['0x12', casesOf('push-token.json', 't12-')],
  ['0x31', casesOf('zulip-secretbox.json')],
])('suite %s has at least 150 cases, three quarters of them refusals', (_, cases) => {
  const refusals = cases.filter(({ result }) => result !== 'valid');
  expect(cases.length).toBeGreaterThanOrEqual(150);
  expect(refusals.length / cases.length).toBeGreaterThanOrEqual(0.75);
});
