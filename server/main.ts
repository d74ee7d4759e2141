// The chat server's process. Configuration by environment (docs/chat-api.md); one line on standard error and exit code
// 2 if it cannot be used; SIGTERM and SIGINT end it gracefully.
import { ConfigError, parseConfig } from './config.ts';
import { errorFields } from './log/content-free.ts';
import { buildLog } from './log/log.ts';
import { StorageKeyMismatchError } from './notify/storage-key.ts';
import { readSecrets } from './secret-files.ts';
import { startService } from './service.ts';
import { SchemaTooNewError } from './store/migrate.ts';

const EXIT_CONFIGURATION = 2;
const EXIT_FAILED = 1;
const REFUSALS = [ConfigError, SchemaTooNewError, StorageKeyMismatchError];

try {
  const config = parseConfig(process.env);
  const secrets = readSecrets(config);
  const log = buildLog(config.logLevel);
  const service = await startService(config, secrets, log);
  let stopping = false;
  const stop = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    await service.stop();
    process.exit(0);
  };
  process.on('SIGTERM', () => void stop());
  process.on('SIGINT', () => void stop());
  process.on('uncaughtException', (error) => {
    log.write('job_failed', errorFields(error));
    process.exit(EXIT_FAILED);
  });
} catch (error) {
  if (REFUSALS.some((refusal) => error instanceof refusal)) {
    const { message } = error as Error;
    process.stderr.write(`${message}\n`);
    process.exit(EXIT_CONFIGURATION);
  }
  const { code, place } = errorFields(error);
  process.stderr.write(`the server could not start: ${code} ${place}\n`);
  process.exit(EXIT_FAILED);
}
