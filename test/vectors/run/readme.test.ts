// The README names the files, the cases that tell silent forks apart, and the ways to write a result: each as it is. The
// sections that cases name are headings of SPEC.md.
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { SECTIONS } from '../generate/sections.ts';
import { vectorFile } from '../shape/file.ts';

const FOLDER = new URL('../', import.meta.url);
const README = readFileSync(new URL('README.md', FOLDER), 'utf8');
const SPEC = readFileSync(new URL('../../SPEC.md', FOLDER), 'utf8');
const NAMES = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));
const files = NAMES.filter((name) => name !== 'schema.json').map((name) =>
  vectorFile.parse(JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8'))),
);
const ids = files.flatMap(({ cases }) => cases.map(({ id }) => id));

test('the README lists every file', () => {
  for (const name of NAMES) expect(README, name).toContain(`\`${name}\``);
});

test('every case that the README names for a silent fork is there, in both suites', () => {
  const [, forks = ''] = README.split('## Silent forks');
  const named = [...forks.matchAll(/`([a-z0-9]+(?:-[a-z0-9]+)*(?:-\*)?)`/g)].map(([, id = '']) => id);
  const cases = named.filter((id) => /^(?:n01|t11|challenge|confirmation|revocation)-/.test(id));
  expect(cases.length).toBeGreaterThan(15);
  for (const id of cases) {
    for (const twin of [id, id.replace(/^n01/, 'n02').replace(/^t11/, 't12')]) {
      const found = twin.endsWith('*')
        ? ids.some((known) => known.startsWith(twin.slice(0, -1)))
        : ids.includes(twin);
      expect(found, twin).toBe(true);
    }
  }
});

test('every section that a case names is a heading of SPEC.md', () => {
  const headings = SPEC.split('\n')
    .filter((line) => line.startsWith('#'))
    .map((line) => line.replace(/^#+ (?:[0-9A-Z]+(?:\.[0-9]+)*\.? )?/, ''));
  for (const title of Object.values(SECTIONS)) expect(headings).toContain(title);
});

test('every result in the files is one that the README explains', () => {
  for (const { counts } of files) {
    for (const result of Object.keys(counts)) expect(README).toContain(`\`${result}\``);
  }
});
