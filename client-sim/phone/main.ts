// A simulated phone, as a process: environment in, JSON lines on standard input and output. See config.ts, commands.ts
// and events.ts.
import { readFile } from 'node:fs/promises';
import { COMMAND_CHARACTERS_MAX, parseCommand } from './commands.ts';
import { type PhoneConfig, parseConfig } from './config.ts';
import type { PhoneEvent } from './events.ts';
import { createAgent } from './https-client.ts';
import { openInstalledState } from './install-marker.ts';
import { LineSplitter } from './lines.ts';
import { Phone } from './phone.ts';

const EXIT_CONFIGURATION = 2;

function readConfig(): PhoneConfig {
  try {
    return parseConfig(process.env);
  } catch (error) {
    process.stderr.write(`phone: ${(error as Error).message}\n`);
    process.exit(EXIT_CONFIGURATION);
  }
}

function emit(event: PhoneEvent): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

const config = readConfig();
const { file, decoded, wiped } = await openInstalledState(config.stateFile);
if (decoded.corrupt || decoded.deadKeys > 0 || decoded.deadRegistrations > 0) {
  emit({ event: 'failed', op: 'read_state', code: 'state_corrupt' });
}
if (wiped) emit({ event: 'wiped' });
const dispatcher = createAgent(await readFile(config.caFile, 'utf8'));
const phone = new Phone(config, file, dispatcher, emit);

async function stop(): Promise<never> {
  await phone.stop();
  process.exit(0);
}

function obey(line: string): void {
  const command = parseCommand(line);
  if (command === null) emit({ event: 'failed', op: 'unknown', code: 'malformed_command' });
  else void phone.obey(command).then(() => (command.op === 'quit' ? stop() : undefined));
}

process.once('SIGTERM', () => void stop());
// Nobody listens any more.
process.stdout.on('error', () => process.exit(0));
const splitter = new LineSplitter(COMMAND_CHARACTERS_MAX);
process.stdin.setEncoding('utf8').on('data', (chunk: string) => {
  for (const line of splitter.push(chunk)) obey(line);
});
// A phone without anybody at its standard input stays on.
setInterval(() => undefined, 2 ** 30);
phone.start();
