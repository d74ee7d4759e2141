// A benchmark's result as text: figures with their spread, then goals.
import type { Figure, Goal, Result } from './benchmark.ts';

const NAME_WIDTH = 54;
const NUMBER_WIDTH = 10;

export function formatReport({ benchmark, subject, effort, machine, figures, goals }: Result): string {
  return [
    `${benchmark}: ${subject}`,
    `Node ${machine.node}, OpenSSL ${machine.openssl}, ${machine.processors}, load average ${machine.loadAverage.toFixed(2)}`,
    `${effort.rounds} rounds, each measures everything in turns; median, and the middle half of the rounds`,
    '',
    `${''.padEnd(NAME_WIDTH)}${'median'.padStart(NUMBER_WIDTH)}  middle half`,
    ...figures.map(formatFigure),
    '',
    `${'goal'.padEnd(NAME_WIDTH)}${'value'.padStart(NUMBER_WIDTH)}  middle half`,
    ...goals.map(formatGoal),
  ].join('\n');
}

function formatFigure(figure: Figure): string {
  const wall = figure.itemsPerSecond;
  const orientation = wall === undefined ? '' : `  (${Math.round(wall)} a second)`;
  return `${formatSummary(figure.name, figure.median, figure)} ${figure.unit}${orientation}`;
}

function formatGoal(goal: Goal): string {
  const verdict = goal.met ? 'met' : 'MISSED';
  const within = Math.abs(goal.value - goal.goal) < goal.high - goal.low ? ', equal within the spread' : '';
  return `${formatSummary(goal.name, goal.value, goal)}  at least ${goal.goal}: ${verdict}${within}`;
}

function formatSummary(
  name: string,
  median: number,
  { low, high }: { readonly low: number; readonly high: number },
): string {
  const value = formatNumber(median).padStart(NUMBER_WIDTH);
  return `${name.padEnd(NAME_WIDTH)}${value}  ${formatNumber(low)} … ${formatNumber(high)}`;
}

function formatNumber(value: number): string {
  return value.toFixed(value < 10 ? 3 : 1);
}
