// The requirements of SPEC.md: every MUST and MUST NOT outside code, each followed by its id in brackets.

/** One sentence of SPEC.md that says MUST, and its id. */
export interface Requirement {
  readonly id: string;
  readonly line: number;
}

/** What is wrong with the sentences: a MUST without an id or an owner, an id without a MUST, an id twice. */
export interface RequirementsRead {
  readonly requirements: readonly Requirement[];
  readonly faults: readonly string[];
}

/** The id of a requirement, wherever it stands. */
export const REQUIREMENT_ID: RegExp = /\[(R-[A-Z]{3}-\d\d)\]/g;

/** Who a requirement may be for: the parties, and whoever does the one thing that it is about. */
const OWNER =
  /\b(?:[Aa]pps?|[Ss]erver|[Bb]ouncer|[Dd]evice|phone|extension|[Rr]eceivers?|decoder|encoder|implementation|library|[Ww]hoever|It)\b/;

const TOKEN = /\bMUST(?: NOT)?\b|\[(R-[A-Z]{3}-\d\d)\]/g;
/** Where the words themselves are explained. */
const EXPLANATION = /^\*\*How to read this document\.\*\*.*$/m;

export function readRequirements(spec: string): RequirementsRead {
  const prose = blank(blank(spec, /^```[\s\S]*?^```/gm), EXPLANATION);
  const requirements: Requirement[] = [];
  const faults: string[] = [];
  let open: number | null = null;
  for (const match of prose.matchAll(TOKEN)) {
    const line = lineAt(prose, match.index);
    const id = match[1];
    if (id === undefined) {
      if (open !== null) faults.push(`SPEC.md:${open}: a MUST without an id`);
      open = line;
    } else {
      if (open === null) faults.push(`SPEC.md:${line}: ${id} stands behind no MUST`);
      if (requirements.some((known) => known.id === id)) faults.push(`SPEC.md:${line}: ${id} is given twice`);
      else requirements.push({ id, line });
      open = null;
    }
  }
  if (open !== null) faults.push(`SPEC.md:${open}: a MUST without an id`);
  return { requirements, faults: [...faults, ...ownerFaults(prose)] };
}

/** Sentences that ask something of nobody. */
function ownerFaults(prose: string): readonly string[] {
  return [...prose.matchAll(/\bMUST\b/g)]
    .filter(({ index }) => !OWNER.test(sentenceAt(prose, index)))
    .map(({ index }) => `SPEC.md:${lineAt(prose, index)}: a MUST without an owner`);
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}

/** The sentence around a place, or its cell of a table. */
function sentenceAt(text: string, index: number): string {
  const start = Math.max(...['. ', '\n', '| '].map((border) => text.lastIndexOf(border, index)));
  const length = text.slice(index).search(/\. |\n|\[R-/);
  return text.slice(start + 1, length < 0 ? text.length : index + length);
}

/** The text with what matches made empty, line by line, so that line numbers stay. */
function blank(text: string, expression: RegExp): string {
  return text.replace(expression, (match) => match.replace(/[^\n]/g, ''));
}
