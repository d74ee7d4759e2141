// `npm run test:mutation`, after StrykerJS: the goals, and survivors.md with the reason why each survivor may live. Fails
// where a goal is missed, where a survivor has no reason and where a reason has no survivor.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { REASONS } from './reasons.ts';
import { countKilled, countUntried, GOALS, reportSchema, type Survivor, survivorsOf } from './report.ts';

const REPORT = join(import.meta.dirname, '../../reports/mutation/mutation.json');
const PAGE = join(import.meta.dirname, 'survivors.md');
const report = reportSchema.parse(JSON.parse(await readFile(REPORT, 'utf8')));

const problems: string[] = [];
const lines: string[] = [];
for (const { name, files, percentMin } of GOALS) {
  const { killed, all } = countKilled(report, files);
  const percent = (100 * killed) / all;
  lines.push(`| ${name} | ${killed} of ${all} | ${percent.toFixed(1)} % | ${percentMin} % |`);
  if (!(percent >= percentMin))
    problems.push(`${name}: ${percent.toFixed(1)} % killed, the goal is ${percentMin} %`);
}

const survivors = survivorsOf(report);
const rows = survivors.map((survivor) => {
  const reason = reasonFor(survivor);
  const place = `${survivor.file}:${survivor.line}`;
  if (reason === undefined) problems.push(`no reason for ${place}: ${survivor.code} => ${survivor.mutant}`);
  return `| ${place} | ${cell(survivor.code)} | ${cell(survivor.mutant)} | ${reason ?? '**none yet**'} |`;
});
for (const { file, code, mutant } of REASONS) {
  const isUsed = survivors.some((one) => one.file === file && one.code === code && one.mutant === mutant);
  if (!isUsed) problems.push(`nothing survives as the reason says: ${file}: ${code} => ${mutant}`);
}

const page = `# Mutants that live

Written by \`npm run test:mutation\` from StrykerJS's report and \`reasons.ts\`; not by hand.

| group | killed | share | goal |
|---|---|---|---|
${lines.join('\n')}

Not tried: ${countUntried(report)}.

| where | what stands there | what could stand there instead, unnoticed | why that is no fault of the tests |
|---|---|---|---|
${rows.join('\n')}
`;
await writeFile(PAGE, page);
console.log(lines.join('\n'));
console.log(`${survivors.length} survivors, listed in test/mutation/survivors.md`);
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;

function reasonFor({ file, code, mutant }: Survivor): string | undefined {
  return REASONS.find((known) => known.file === file && known.code === code && known.mutant === mutant)
    ?.reason;
}

/** Code in a table's cell, short. */
function cell(text: string): string {
  const short = text.length > 90 ? `${text.slice(0, 90)} …` : text;
  return `\`${short.replaceAll('|', '\\|').replaceAll('`', "'")}\``;
}
