// The operator's commands (`npm run bouncer -- …`): each prints one line of JSON.
import { Command } from 'commander';
import { ConfigurationError } from '../config.ts';
import { addKeysCommands } from './keys.ts';
import { addServersCommands } from './servers.ts';

// Stores and keys are nobody else's.
process.umask(0o077);

const program = new Command('bouncer').description('Operate a Sealed Push bouncer.').showHelpAfterError();
addKeysCommands(program);
addServersCommands(program, process.env);

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof ConfigurationError)) throw error;
  console.error(`bouncer: ${error.message}`);
  process.exitCode = 2;
}
