// Medians and the spread around them: the middle half, from one quartile to the other.

/** What a handful of measurements comes to. */
export interface Summary {
  readonly median: number;
  /** A quarter of the values lies below. */
  readonly low: number;
  /** A quarter of the values lies above. */
  readonly high: number;
}

export function summarize(values: readonly number[]): Summary {
  const sorted = values.toSorted((a, b) => a - b);
  return { median: quantile(sorted, 0.5), low: quantile(sorted, 0.25), high: quantile(sorted, 0.75) };
}

/** The ratio of two measurements of the same round, round by round: what slows a whole round down cancels out. */
export function ratios(numerators: readonly number[], denominators: readonly number[]): readonly number[] {
  if (numerators.length !== denominators.length) throw new RangeError('not the same rounds');
  return numerators.map((numerator, round) => numerator / (denominators[round] as number));
}

function quantile(sorted: readonly number[], share: number): number {
  if (sorted.length === 0) throw new RangeError('nothing was measured');
  const position = share * (sorted.length - 1);
  const below = sorted[Math.floor(position)] as number;
  const above = sorted[Math.ceil(position)] as number;
  return below + (above - below) * (position - Math.floor(position));
}
