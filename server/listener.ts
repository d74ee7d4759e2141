// Listening: TLS with a certificate that is read again when its file changes, or plain text for a proxy on the same
// machine (a loopback address or a socket file). There is no other way.
import { lstatSync, rmSync, unwatchFile, watchFile } from 'node:fs';
import type { Server as TlsServer } from 'node:https';
import type { FastifyInstance } from 'fastify';
import { tlsOptions } from './app.ts';
import type { Listening } from './config.ts';
import { errorFields } from './log/content-free.ts';
import type { Log } from './log/log.ts';

const CERTIFICATE_POLL_MILLISECONDS = 1000;

/** Listens; the address is a URL, or the path of the socket. */
export async function listen(app: FastifyInstance, listening: Listening, log: Log): Promise<string> {
  if (listening.kind === 'socket') {
    removeStaleSocket(listening.file);
    await app.listen({ path: listening.file });
    return listening.file;
  }
  if (listening.kind === 'tls') watchCertificate(app, listening, log);
  return app.listen({ host: listening.host, port: listening.port });
}

/** A process that was killed leaves its socket behind. Whatever else is there stays, and listening fails. */
function removeStaleSocket(file: string): void {
  if (lstatSync(file, { throwIfNoEntry: false })?.isSocket()) rmSync(file);
}

function watchCertificate(
  app: FastifyInstance,
  listening: Extract<Listening, { kind: 'tls' }>,
  log: Log,
): void {
  const server = app.server as unknown as TlsServer;
  const reload = (): void => {
    try {
      server.setSecureContext(tlsOptions(listening));
      log.write('certificate_reloaded', {});
    } catch (error) {
      // The old certificate goes on serving; the two files may be half written.
      log.write('certificate_refused', errorFields(error));
    }
  };
  for (const file of [listening.certFile, listening.keyFile]) {
    watchFile(file, { interval: CERTIFICATE_POLL_MILLISECONDS, persistent: false }, reload);
  }
  app.addHook('onClose', async () => {
    for (const file of [listening.certFile, listening.keyFile]) unwatchFile(file, reload);
  });
}
