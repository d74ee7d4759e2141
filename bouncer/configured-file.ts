// Files that the configuration names: read once at the border, with an error that names the setting and the kind of
// fault, never the content.
import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { ConfigurationError } from './config.ts';

const FILE_BYTES_MAX = 1024 * 1024;

/** @throws ConfigurationError naming `what` */
export function readConfiguredFile(what: string, path: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new ConfigurationError(`${what} cannot be read (${code})`);
  }
  if (text.length > FILE_BYTES_MAX) throw new ConfigurationError(`${what} is too large`);
  return text;
}

/** @throws ConfigurationError naming `what` and, for a wrong shape, the first field at fault */
export function readConfiguredJson<T>(what: string, path: string, schema: z.ZodType<T>): T {
  const text = readConfiguredFile(what, path);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ConfigurationError(`${what} is not JSON`);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = issue?.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
  const place = [...(issue?.path ?? []), ...(field === undefined ? [] : [field])].join('.');
  throw new ConfigurationError(`${what} is not of the documented shape${place === '' ? '' : ` (${place})`}`);
}
