// Where requirements, tests and the record of breaks do not fit together.
import type { Requirement } from './requirements.ts';
import type { NamingTitle } from './titles.ts';

/** What the record keeps of one requirement, as far as it is compared here. */
export interface RecordedBreak {
  readonly id: string;
  readonly file: string;
  readonly before: string;
  readonly failed: readonly string[];
}

/** An id that no test names, and a test that names an id that SPEC.md does not have. */
export function titleFaults(
  requirements: readonly Requirement[],
  titles: readonly NamingTitle[],
): readonly string[] {
  const known = new Set(requirements.map(({ id }) => id));
  const named = new Set(titles.flatMap(({ ids }) => ids));
  const untested = requirements
    .filter(({ id }) => !named.has(id))
    .map(({ id, line }) => `SPEC.md:${line}: no test names ${id}`);
  const gone = titles.flatMap(({ file, line, ids }) =>
    ids.filter((id) => !known.has(id)).map((id) => `${file}:${line}: ${id} is not in SPEC.md`),
  );
  return [...untested, ...gone];
}

/** A requirement that was never broken, and an entry whose text does not stand exactly once in its file any more. */
export function recordFaults(
  requirements: readonly Requirement[],
  record: readonly RecordedBreak[],
  readSource: (file: string) => string,
): readonly string[] {
  const recorded = new Map(record.map((entry) => [entry.id, entry]));
  return requirements.flatMap(({ id }) => {
    const entry = recorded.get(id);
    if (entry === undefined || entry.failed.length === 0) return [`record.json: ${id} was never broken`];
    const times = readSource(entry.file).split(entry.before).length - 1;
    return times === 1
      ? []
      : [`record.json: what was broken for ${id} stands ${times} times in ${entry.file}`];
  });
}
