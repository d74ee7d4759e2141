// The certificate and its key, by file (SPEC.md section 13), taken up again when the files change.
import { readFileSync, unwatchFile, watchFile } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { ConfigurationError } from './config.ts';

/** PEM texts. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

/** How often files are looked at. */
const WATCH_INTERVAL_MS = 500;

/** @throws ConfigurationError if the two cannot be read, or do not belong together */
export function readTlsFiles(certFile: string, keyFile: string): TlsFiles {
  let files: TlsFiles;
  try {
    files = { cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') };
  } catch {
    throw new ConfigurationError('BOUNCER_TLS_CERT_FILE or BOUNCER_TLS_KEY_FILE cannot be read');
  }
  try {
    createSecureContext(files);
  } catch {
    throw new ConfigurationError(
      'BOUNCER_TLS_CERT_FILE and BOUNCER_TLS_KEY_FILE are no certificate and its key',
    );
  }
  return files;
}

/** Calls `onChange` after one of the files has changed, also by rename. Gives what stops it. */
export function watchFiles(paths: readonly string[], onChange: () => void): () => void {
  for (const path of paths) {
    watchFile(path, { interval: WATCH_INTERVAL_MS, persistent: false }, (now, before) => {
      if (now.mtimeMs !== before.mtimeMs || now.ino !== before.ino || now.size !== before.size) onChange();
    });
  }
  return () => {
    for (const path of paths) unwatchFile(path);
  };
}
