// The bouncer's process: configuration from the environment, a line when it is ready, a graceful stop on SIGTERM.
import { ConfigurationError, parseConfig } from './config.ts';
import { configured, errorCode, errorPlace } from './log/content-free.ts';
import { buildLog } from './log/log.ts';
import { startService } from './service.ts';

const EXIT_CONFIGURATION = 2;
/** A stop that takes longer is ended. */
const STOP_MS_MAX = 9_500;

// Stores and sockets are nobody else's.
process.umask(0o077);
await run();

async function run(): Promise<void> {
  try {
    const config = parseConfig(process.env);
    const log = buildLog(config.logLevel);
    const service = await startService(config, log, Date.now);
    process.on('uncaughtException', (error) => {
      log('internal_error', { code: errorCode(error), place: errorPlace(error) });
      process.exit(1);
    });
    log('ready', { address: configured(service.address) });
    const stop = async () => {
      log('stopping', {});
      setTimeout(() => process.exit(1), STOP_MS_MAX).unref();
      await service.stop();
      log('stopped', {});
      process.exit(0);
    };
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop());
  } catch (error) {
    // Nothing of an unexpected error but its place: a message might hold what was in a file.
    const text =
      error instanceof ConfigurationError
        ? error.message
        : `cannot start (${errorCode(error)} ${errorPlace(error)})`;
    process.stderr.write(`bouncer: ${text}\n`);
    process.exitCode = error instanceof ConfigurationError ? EXIT_CONFIGURATION : 1;
  }
}
