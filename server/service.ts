// The chat server as one thing with a life time: store, push side, chat and the HTTP side, built from a configuration.
import { nativeBackend } from '../protocol/crypto/backend-native.ts';
import { buildApp } from './app.ts';
import { addAdminRoutes } from './chat/routes/admin.ts';
import { addSessionRoutes } from './chat/routes/session.ts';
import { authenticateSession, deleteSession } from './chat/sessions.ts';
import type { ChatDatabase, ChatTables } from './chat/tables.ts';
import type { Config } from './config.ts';
import { listen } from './listener.ts';
import { configuredAddress } from './log/content-free.ts';
import type { Log } from './log/log.ts';
import { BouncerClient } from './notify/bouncer-client.ts';
import { PushSide } from './notify/push-side.ts';
import { StorageKey } from './notify/storage-key.ts';
import type { NotifyTables } from './notify/tables.ts';
import type { Secrets } from './secret-files.ts';
import { type Database, openDatabase } from './store/database.ts';

/** What is in flight may end; what has not ended by then is taken up after the next start. */
const STOP_MILLISECONDS_MAX = 9000;

export interface Service {
  /** Ends within 10 seconds, and loses nothing. */
  stop(): Promise<void>;
}

/** Opens the store, starts the work and listens. */
export async function startService(config: Config, secrets: Secrets, log: Log): Promise<Service> {
  const now = (): number => Date.now();
  const app = buildApp({ origin: config.origin, listening: config.listening, log });
  const database = await openDatabase(config.databaseFile);
  const chatDatabase = database.$pickTables<keyof ChatTables>();
  const bouncer = new BouncerClient({
    origin: config.bouncerOrigin,
    ...secrets.bouncerCredential,
    ca: secrets.bouncerCa,
  });
  const push = buildPushSide(config, secrets, { database, bouncer, log, now });
  const { adminKey } = secrets;
  const chat = { database: chatDatabase, push, adminKey, randomBytes: nativeBackend.randomBytes, now };
  addAdminRoutes(app, chat);
  addSessionRoutes(app, chat);
  push.addRoutes(app, {
    authenticate: async (authorization) => await authenticateSession(chatDatabase, authorization),
    endSession: async (transaction, session) => {
      // Both share the store, and so the transaction.
      await deleteSession(transaction as unknown as ChatDatabase, session);
    },
  });
  await push.start(config.acceptLostKeys);
  const address = await listen(app, config.listening, log);
  log.write('ready', { address: configuredAddress(address) });
  return {
    async stop() {
      log.write('stopping', {});
      const patience = new Promise((resolve) => setTimeout(resolve, STOP_MILLISECONDS_MAX).unref());
      await Promise.race([Promise.all([app.close(), push.stop()]), patience]);
      await bouncer.close();
      await database.destroy();
      log.write('stopped', {});
    },
  };
}

interface PushParts {
  readonly database: Database;
  readonly bouncer: BouncerClient;
  readonly log: Log;
  readonly now: () => number;
}

function buildPushSide(config: Config, secrets: Secrets, { database, ...parts }: PushParts): PushSide {
  return new PushSide({
    ...parts,
    database: database.$pickTables<keyof NotifyTables>(),
    backend: nativeBackend,
    storageKey: new StorageKey(secrets.storageKey),
    origin: config.origin,
    movedTo: config.movedTo,
    appIds: config.appIds,
    keepDaysMax: config.keepDaysMax,
    confirmedDay: config.confirmedDay,
    policy: config.policy,
    random: Math.random,
  });
}
