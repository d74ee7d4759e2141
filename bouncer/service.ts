// The bouncer, built from its configuration: store, keys, providers, HTTP interface. `stop` ends it within ten seconds
// with nothing lost that was answered.
import { chmodSync, rmSync } from 'node:fs';
import type { Server as TlsServer } from 'node:tls';
import type { FastifyInstance } from 'fastify';
import { buildApp } from './app.ts';
import { readApps } from './apps.ts';
import { type Config, ConfigurationError, type ListenConfig } from './config.ts';
import { errorCode, errorPlace } from './log/content-free.ts';
import type { Log } from './log/log.ts';
import { LegacyBudget } from './notify/legacy-budget.ts';
import { ProviderDirectory } from './providers/directory.ts';
import { ChallengeSender } from './registration/challenge-sender.ts';
import { Registration } from './registration/registration.ts';
import { type BouncerKeys, readBouncerKeys } from './sealing-keys.ts';
import { deleteForgotten, handleState, readHandle } from './store/handles.ts';
import { openStore, type Store } from './store/open-store.ts';
import { readTlsFiles, watchFiles } from './tls-files.ts';

/** A running bouncer. */
export interface Service {
  /** `https://host:port`, `http://host:port` or `unix:path`. */
  readonly address: string;
  readonly stop: () => Promise<void>;
}

const SWEEP_INTERVAL_MS = 10 * 60_000;
/** A stop waits this long for requests in flight, then for what is on its way to providers. */
const CONNECTION_GRACE_MS = 7_000;
const PROVIDER_GRACE_MS = 1_500;
const SOCKET_MODE = 0o660;

/** @throws ConfigurationError */
export async function startService(config: Config, log: Log, now: () => number): Promise<Service> {
  const apps = readApps(config.appsFile);
  let keys = readBouncerKeys(config);
  warnOfExpiry(keys, log, now);
  const tls =
    config.listen.kind === 'tls' ? readTlsFiles(config.listen.certFile, config.listen.keyFile) : null;
  const store = await openStore(config.store);
  const providers = new ProviderDirectory(apps, log, now);
  const isPending = async (handle: string) => {
    const row = await readHandle(store.database, handle);
    return row !== null && handleState(row, Math.floor(now() / 1000)) === 'pending';
  };
  const challenges = new ChallengeSender({ providers, isPending, log, now });
  const registration = new Registration({ store, apps, challenges, sealingKeys: () => keys.sealingKeys });
  const batch = { store, providers, legacyBudget: new LegacyBudget(), log, now };
  let stopping = false;
  const app = buildApp({
    batch,
    registration,
    apps,
    keys: () => keys,
    now,
    log,
    tls,
    isStopping: () => stopping,
  });
  const address = await listen(app, config.listen);
  const stopSweeping = sweep(store, log, now);
  const stopWatching = [
    watchCertificate(app, config.listen, log),
    watchKeys(config, log, (fresh) => {
      keys = fresh;
      warnOfExpiry(keys, log, now);
    }),
  ];
  return {
    address,
    stop: async () => {
      stopping = true;
      stopSweeping();
      for (const stop of stopWatching) stop();
      const cut = setTimeout(() => app.server.closeAllConnections(), CONNECTION_GRACE_MS);
      await app.close();
      clearTimeout(cut);
      await challenges.close();
      await providers.close(PROVIDER_GRACE_MS);
      await store.database.destroy();
    },
  };
}

async function listen(app: FastifyInstance, config: ListenConfig): Promise<string> {
  try {
    if (config.kind === 'socket') {
      // A killed process leaves its name behind, and listening on it would fail.
      rmSync(config.file, { force: true });
      await app.listen({ path: config.file });
      chmodSync(config.file, SOCKET_MODE);
      return `unix:${config.file}`;
    }
    return await app.listen({ host: config.host, port: config.port });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new ConfigurationError(`the bouncer cannot listen there (${code})`);
  }
}

function watchCertificate(app: FastifyInstance, config: ListenConfig, log: Log): () => void {
  if (config.kind !== 'tls') return () => undefined;
  const { certFile, keyFile } = config;
  return watchFiles([certFile, keyFile], () => {
    try {
      (app.server as unknown as TlsServer).setSecureContext(readTlsFiles(certFile, keyFile));
      log('certificate_reloaded', {});
    } catch (error) {
      // Certificate and key are two files: between the two renames they do not match, and the old ones serve.
      log('certificate_reload_failed', { code: errorCode(error) });
    }
  });
}

function watchKeys(config: Config, log: Log, take: (keys: BouncerKeys) => void): () => void {
  return watchFiles([config.sealingKeysFile, config.keyListFile], () => {
    try {
      take(readBouncerKeys(config));
      log('key_files_reloaded', {});
    } catch {
      log('key_files_reload_failed', {});
    }
  });
}

/** Apps refuse a list that has expired. */
const EXPIRY_WARNING_SECONDS = 7 * 86_400;

function warnOfExpiry(keys: BouncerKeys, log: Log, now: () => number): void {
  const inSeconds = keys.listValidUntil - Math.floor(now() / 1000);
  if (inSeconds < EXPIRY_WARNING_SECONDS) log('key_list_expires', { in_seconds: inSeconds });
}

function sweep(store: Store, log: Log, now: () => number): () => void {
  const run = () => {
    deleteForgotten(store.database, Math.floor(now() / 1000)).catch((error: unknown) => {
      log('internal_error', { code: errorCode(error), place: errorPlace(error) });
    });
  };
  run();
  const timer = setInterval(run, SWEEP_INTERVAL_MS);
  return () => clearInterval(timer);
}
