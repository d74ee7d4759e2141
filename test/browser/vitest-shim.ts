// What the vectors' tests use of vitest, in a browser: tests are collected as they are declared and run by page.ts.

/** A test and what it does. */
interface Declared {
  readonly name: string;
  readonly run: () => unknown;
}
/** What came of a test: `error` is null where it passed. */
export interface Ran {
  readonly name: string;
  readonly error: string | null;
}
interface TestFunction {
  (name: string, run: () => unknown): void;
  each(rows: readonly unknown[]): (name: string, run: (...row: never[]) => unknown) => void;
}
interface Matchers {
  toBe(expected: unknown): void;
  toEqual(expected: unknown): void;
  toMatchObject(expected: unknown): void;
  toContain(expected: unknown): void;
  toBeGreaterThan(expected: number): void;
  toBeGreaterThanOrEqual(expected: number): void;
}

const declared: Declared[] = [];

function declare(name: string, run: () => unknown): void {
  declared.push({ name, run });
}

export const test: TestFunction = Object.assign(declare, {
  each: (rows: readonly unknown[]) => (name: string, run: (...row: never[]) => unknown) => {
    for (const row of rows) {
      const values = Array.isArray(row) ? row : [row];
      declare(name.replace('%s', String(values[0])), () => run(...(values as never[])));
    }
  },
});

export function expect(actual: unknown, message = ''): Matchers {
  const check = (holds: boolean, what: string, expected: unknown): void => {
    if (!holds) throw new Error(`${message} ${show(actual)} ${what} ${show(expected)}`);
  };
  return {
    toBe: (expected) => check(Object.is(actual, expected), 'is not', expected),
    toEqual: (expected) => check(isLike(actual, expected, false), 'does not equal', expected),
    toMatchObject: (expected) => check(isLike(actual, expected, true), 'does not match', expected),
    toContain: (expected) =>
      check((actual as unknown[] | string).includes(expected as never), 'lacks', expected),
    toBeGreaterThan: (expected) => check((actual as number) > expected, 'is not above', expected),
    toBeGreaterThanOrEqual: (expected) => check((actual as number) >= expected, 'is below', expected),
  };
}

/** Runs every declared test, one after the other. */
export async function runDeclared(): Promise<readonly Ran[]> {
  const ran: Ran[] = [];
  for (const { name, run } of declared) {
    try {
      await run();
      ran.push({ name, error: null });
    } catch (error) {
      ran.push({ name, error: String(error).slice(0, 500) });
    }
  }
  return ran;
}

/** Deep equality; a field that is undefined is one that is absent. `partial`: fields beside the expected ones are let be. */
function isLike(actual: unknown, expected: unknown, partial: boolean): boolean {
  if (Object.is(actual, expected)) return true;
  if (typeof actual !== 'object' || typeof expected !== 'object' || actual === null || expected === null) {
    return false;
  }
  if (Array.isArray(actual) !== Array.isArray(expected)) return false;
  const [left, right] = [fieldsOf(actual), fieldsOf(expected)];
  if (!(partial && !Array.isArray(expected)) && left.size !== right.size) return false;
  return [...right].every(([key, value]) => left.has(key) && isLike(left.get(key), value, partial));
}

function fieldsOf(value: object): Map<unknown, unknown> {
  if (value instanceof Map) return value;
  return new Map(Object.entries(value).filter(([, field]) => field !== undefined));
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? String(value);
}
