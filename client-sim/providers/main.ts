// The process of the simulated providers: configuration from the environment, one line of JSON when ready,
// a clean end on SIGTERM.
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { readAccounts } from './accounts.ts';
import { parseConfig } from './config.ts';
import { startProviders } from './providers.ts';

try {
  await run();
} catch (error) {
  process.stderr.write(`providers: ${error instanceof Error ? error.message : 'failed to start'}\n`);
  process.exitCode = 1;
}

async function run(): Promise<void> {
  const { tlsCertFile, tlsKeyFile, accountsFile, ...config } = parseConfig(process.env);
  const { addresses, close } = await startProviders({
    ...config,
    tls: { cert: readFileSync(tlsCertFile, 'utf8'), key: readFileSync(tlsKeyFile, 'utf8') },
    accounts: readAccounts(accountsFile),
    nowMs: Date.now,
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void close());
  process.stdout.write(`${JSON.stringify({ ready: true, ...addresses })}\n`);
}
