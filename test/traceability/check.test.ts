// The traceability check sees what it is for, on texts made for it.
import { expect, test } from 'vitest';
import { recordFaults, titleFaults } from './faults.ts';
import { readRequirements } from './requirements.ts';
import { readTitles } from './titles.ts';

const RIGHT = `The app MUST wait. [R-AAA-01] It MUST NOT sleep, because of the noise. [R-AAA-02]

\`\`\`js
// MUST is no requirement here
\`\`\`
`;

test('ids follow their MUSTs, one each; code does not count', () => {
  expect(readRequirements(RIGHT)).toEqual({
    requirements: [
      { id: 'R-AAA-01', line: 1 },
      { id: 'R-AAA-02', line: 1 },
    ],
    faults: [],
  });
});

test.each([
  [
    'two MUSTs before an id',
    'The app MUST wait and MUST rest. [R-AAA-01]',
    'SPEC.md:1: a MUST without an id',
  ],
  ['a MUST at the end', `${RIGHT}\nThe app MUST go.`, 'SPEC.md:7: a MUST without an id'],
  ['an id without a MUST', `${RIGHT}\n[R-AAA-03]`, 'SPEC.md:7: R-AAA-03 stands behind no MUST'],
  ['a MUST for nobody', 'Chains MUST be stored. [R-AAA-01]', 'SPEC.md:1: a MUST without an owner'],
  ['an id twice', `${RIGHT}\nIt MUST go. [R-AAA-01]`, 'SPEC.md:7: R-AAA-01 is given twice'],
])('%s is a fault', (_name, spec, fault) => {
  expect(readRequirements(spec).faults).toEqual([fault]);
});

test('titles are literals, in whatever quotation marks; comments are none', () => {
  const source = [
    "test('it waits [R-AAA-01]', () => {",
    '// test: it sleeps [R-AAA-02]',
    "test.each(ROWS)('%s, it doesn’t [R-AAA-01] [R-AAA-03]', () => {",
    'test(`it stops [R-AAA-02]`, () => {',
  ].join('\n');
  expect(readTitles('test/a.test.ts', source).map(({ line, ids }) => [line, ids])).toEqual([
    [1, ['R-AAA-01']],
    [3, ['R-AAA-01', 'R-AAA-03']],
    [4, ['R-AAA-02']],
  ]);
});

test('an id that no test names, and an id that is gone, are faults', () => {
  const { requirements } = readRequirements(RIGHT);
  const titles = readTitles('test/a.test.ts', "test('it waits [R-AAA-01] [R-AAA-09]', () => {");
  expect(titleFaults(requirements, titles)).toEqual([
    'SPEC.md:1: no test names R-AAA-02',
    'test/a.test.ts:1: R-AAA-09 is not in SPEC.md',
  ]);
});

test('a requirement that was never broken, or whose break does not fit the source any more, is a fault', () => {
  const { requirements } = readRequirements(RIGHT);
  const entry = { id: 'R-AAA-01', file: 'a.ts', before: 'wait()', failed: ['it waits'] };
  const faults = (source: string, ...more: (typeof entry)[]): readonly string[] =>
    recordFaults(requirements, [entry, ...more], () => source);
  expect(faults('wait()')).toEqual(['record.json: R-AAA-02 was never broken']);
  expect(faults('wait() wait()', { ...entry, id: 'R-AAA-02', failed: [] })).toEqual([
    'record.json: what was broken for R-AAA-01 stands 2 times in a.ts',
    'record.json: R-AAA-02 was never broken',
  ]);
});
