// The tables of SPEC.md say what the code says, all of it and nothing more.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { WORDS } from '../../bouncer/legacy/words.ts';
import * as bouncerApi from '../../protocol/wire/bouncer-api.ts';
import * as limits from '../../protocol/wire/limits.ts';
import { APP_ID_EXPRESSION, ORIGIN_EXPRESSION } from '../../protocol/wire/origin.ts';
import { buildProblem, PROBLEM_CODES } from '../../protocol/wire/problem.ts';
import * as pushApi from '../../protocol/wire/push-api.ts';
import * as suites from '../../protocol/wire/suites.ts';
import { EXAMPLE_BODIES, EXAMPLE_ITEM } from './example-bodies.ts';
import { SPEC_URL, section, tableRows } from './spec-text.ts';

const spec = readFileSync(SPEC_URL, 'utf8');
const root = fileURLToPath(new URL('../../', import.meta.url));

/** Name and value of every row, sorted by name. */
function rows(table: string, columns: number): string[][] {
  return tableRows(spec, table)
    .map((cells) => cells.slice(0, columns))
    .sort();
}

function hexId(value: number, digits: number): string {
  return `0x${value.toString(16).padStart(digits, '0')}`;
}

test('the limits table lists every constant of limits.ts with its value', () => {
  const expected = Object.entries(limits).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(', ') : String(value),
  ]);
  expect(rows('limits', 2)).toEqual(expected.sort());
});

test('the table of one side’s constants says what their sources say', () => {
  const constants = tableRows(spec, 'constants of one side');
  expect(constants.length).toBeGreaterThan(5);
  for (const [name, value, source, number] of constants as [string, string, string, string][]) {
    const line = readFileSync(join(root, source), 'utf8')
      .split('\n')
      .find((text) => new RegExp(`^(?:export )?const ${name}\\b`).test(text));
    expect(line?.replace(/^.*? = /, ''), `${name} in ${source}`).toBe(`${value};`);
    expect(section(spec, Number(number))).not.toBe('');
  }
});

test('every section that the limits table points to exists', () => {
  for (const cells of tableRows(spec, 'limits')) {
    for (const number of (cells[2] as string).split(', ')) expect(section(spec, Number(number))).not.toBe('');
  }
});

test('the problem table lists every code with status, retryable and title', () => {
  const expected = PROBLEM_CODES.map((code) => {
    const { status, retryable, title } = buildProblem(code);
    return [code, String(status), retryable ? 'yes' : 'no', title];
  });
  expect(rows('problems', 4)).toEqual(expected.sort());
});

test('the tables of the library’s errors and of the steps are those of errors.ts', () => {
  const source = readFileSync(join(root, 'protocol/wire/errors.ts'), 'utf8');
  const [, texts = ''] = source.match(/const TEXTS = \{([\s\S]*?)\}/) ?? [];
  const errors = [...texts.matchAll(/(\w+): '([^']*)'/g)].map(([, code, text]) => [code, text]);
  expect(errors.length).toBeGreaterThan(10);
  expect(tableRows(spec, 'library errors')).toEqual(errors);
  const [, steps = ''] = source.match(/type OpenStep = ([^;]*);/) ?? [];
  const named = [...steps.matchAll(/'(\w+)'/g)].map(([, step]) => `\`${step}\``);
  expect(section(spec, 11)).toContain(`for the local diagnostic alone: ${named.join(', ')};`);
});

test('the suite table lists every suite of the code with all its numbers', () => {
  const registry = suites.SUITES;
  const expected = registry.map((suite) => [
    hexId(suite.id, 2),
    suite.name,
    suite.use,
    suite.mode,
    ...[suite.kemId, suite.kdfId, suite.aeadId].map((id) => hexId(id, 4)),
    ...[suite.encBytes, suite.tagBytes, suite.publicKeyBytes, suite.privateKeyBytes].map(String),
    suite.buckets.join(', '),
  ]);
  expect(rows('suites', 12)).toEqual(expected.sort());
  for (const suite of registry) expect(suites.findSuite(suite.id, suite.use)).toBe(suite);
});

test('of all 256 suite bytes the code takes those of the table, each for its use [R-SUI-05] [R-SUI-06] [R-SUI-07]', () => {
  const uses = new Map(tableRows(spec, 'suites').map((cells) => [Number(cells[0]), cells[2]]));
  for (let id = 0; id < 256; id += 1) {
    for (const use of ['notification', 'push-token'] as const) {
      const find = (): unknown => suites.findSuite(id, use);
      if (uses.get(id) === use) expect(find()).toMatchObject({ id, use });
      else expect(find, hexId(id, 2)).toThrow();
    }
  }
});

test.each([
  ['refusals', bouncerApi.REFUSALS],
  ['templates', bouncerApi.TEMPLATES],
  ['policies', pushApi.POLICIES],
  ['attempt states', pushApi.ATTEMPT_STATES],
])('the table of %s lists the closed list of the code', (table, list) => {
  expect(tableRows(spec, table).map((cells) => cells[0])).toEqual([...list]);
});

test('the table of templates says the words of each, and which has none', () => {
  const expected = Object.entries(WORDS).map(([template, words]) => [template, words ?? '–']);
  expect(rows('templates', 2)).toEqual(expected.sort());
});

test('SPEC.md quotes the expressions of origins and app ids as they are', () => {
  expect(section(spec, 5)).toContain(`\n${ORIGIN_EXPRESSION.source}\n`);
  expect(section(spec, 5)).toContain(`\`${APP_ID_EXPRESSION.source}\``);
});

test('section 13 has an example of every body, with every field', () => {
  const bodies = Object.entries({ ...bouncerApi, ...pushApi }).filter(([name]) => name.endsWith('Schema'));
  const leaves = ['urgencySchema', 'notificationItemSchema'];
  expect(bodies.map(([name]) => name).filter((name) => !leaves.includes(name))).toEqual(
    expect.arrayContaining(Object.keys(EXAMPLE_BODIES).filter((name) => name !== 'problemSchema')),
  );
  for (const [name, schema] of bodies) {
    if (leaves.includes(name)) continue;
    const body = EXAMPLE_BODIES[name]?.body;
    expect(body, name).toBeDefined();
    expect(Object.keys(body as object).sort(), name).toEqual(fieldNames(schema as z.ZodType));
  }
  expect(Object.keys(EXAMPLE_ITEM).sort()).toEqual(fieldNames(bouncerApi.notificationItemSchema));
});

function fieldNames(schema: z.ZodType): string[] {
  return Object.keys(z.toJSONSchema(schema, { io: 'input' }).properties ?? {}).sort();
}

test('every section and appendix of SPEC.md that a file refers to exists', () => {
  const headings = new Set(
    [...spec.matchAll(/^##+ (?:Appendix )?([A-D0-9][0-9.]*?)\.? /gm)].map((match) => match[1]),
  );
  const named = sourceFiles().flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/SPEC\.md (?:sections?|appendix) ([A-D]?[0-9.]*[0-9A-D])/g)].map(
      (match) => [match[1], file] as const,
    ),
  );
  expect(named.length).toBeGreaterThan(100);
  for (const [place, file] of named) expect(headings, `${place}, in ${file}`).toContain(place);
});

test('the contents name every section and appendix, in their order', () => {
  const prose = spec.replace(/^```[\s\S]*?^```$/gm, '');
  const headings = [...prose.matchAll(/^## (.+)$/gm)].map((match) => match[1]);
  const [contents = ''] = prose.match(/^\*\*Contents\.\*\*.*$/m) ?? [];
  expect([...contents.matchAll(/\[([^\]]+)\]\(#/g)].map((match) => match[1])).toEqual(headings);
});

test('the sections are numbered 1 to 19, and every test that SPEC.md names exists', () => {
  const numbers = [...spec.matchAll(/^## (\d+)\. /gm)].map((match) => Number(match[1]));
  expect(numbers).toEqual(Array.from({ length: 19 }, (_, index) => index + 1));
  const tests = [...spec.matchAll(/`(test\/[a-z0-9/.-]+\.(?:ts|pv|md|json))`/g)].map(
    (match) => match[1] as string,
  );
  expect(tests.length).toBeGreaterThan(0);
  for (const file of tests) expect(existsSync(join(root, file)), file).toBe(true);
});

function sourceFiles(): string[] {
  return ['protocol', 'server', 'bouncer', 'client-sim', 'test', 'docs'].flatMap((zone) =>
    readdirSync(join(root, zone), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(?:ts|md|py)$/.test(name))
      .map((name) => join(root, zone, name)),
  );
}
