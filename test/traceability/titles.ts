// The titles of tests that name requirements: string literals of a test file that hold an id in brackets. Comments do
// not count.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REQUIREMENT_ID } from './requirements.ts';

/** A title, and the ids in it. */
export interface NamingTitle {
  readonly file: string;
  readonly line: number;
  readonly title: string;
  readonly ids: readonly string[];
}

const LITERAL = /(['"`])((?:\\.|(?!\1).)*)\1/g;

export function readTitles(file: string, source: string): NamingTitle[] {
  return source.split('\n').flatMap((text, index) =>
    isComment(text)
      ? []
      : [...text.matchAll(LITERAL)]
          .map((match) => match[2] as string)
          .map((title) => ({ file, line: index + 1, title, ids: idsIn(title) }))
          .filter(({ ids }) => ids.length > 0),
  );
}

/** The naming titles of every test file below a folder. */
export function readAllTitles(folder: string): NamingTitle[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts') && !name.startsWith('traceability'))
    .sort()
    .flatMap((name) => readTitles(`test/${name}`, readFileSync(join(folder, name), 'utf8')));
}

function idsIn(text: string): string[] {
  return [...text.matchAll(REQUIREMENT_ID)].map((match) => match[1] as string);
}

function isComment(line: string): boolean {
  return /^\s*(\/\/|\*|\/\*)/.test(line);
}
