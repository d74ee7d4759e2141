// `npm run demo`: starts everything on loopback, sends a message, and prints what each party saw of it.
//   -- --messages FILE   sends the messages of a file instead and accounts for each
//   -- --json OUT        writes what each party saw, and the phones' keys, for an independent program
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { gatherCast, READERS_MAX, readersIn } from '../demo/cast.ts';
import { isSealed, searchChannels } from '../demo/channels.ts';
import { demonstrateMessage } from '../demo/demonstration.ts';
import { type PlannedMessage, parseMessages } from '../demo/messages-file.ts';
import { runMessages } from '../demo/messages-run.ts';
import { renderSighting, renderTally } from '../demo/report.ts';
import { sampleTexts } from '../demo/sample-texts.ts';
import { readProviderRecord } from '../stack/provider-record.ts';
import { Stack } from '../stack/stack.ts';

const TEXT = 'Lunch at noon? 🍜 The key is under the blue pot.';
/** Makes the accounts of everybody in it; each of the two is then written to alone. */
const DEMO_MESSAGE: PlannedMessage = {
  sender: 'carol',
  conversation: { direct: ['alice', 'bob'] },
  text: TEXT,
};
const PROGRESS_EVERY = 100;

interface Options {
  readonly messages?: string;
  readonly json?: string;
}

/** What a part of the demonstration found: for the JSON file, and whether everything was as it should be. */
interface Outcome {
  readonly json: Readonly<Record<string, unknown>>;
  readonly ok: boolean;
}

const program = new Command('demo')
  .description('Shows who can read a notification on its way, on real processes.')
  .option('--messages <file>', 'JSON Lines of {"sender","conversation","text"} to send and account for')
  .option('--json <file>', 'write what each party saw, and the phones’ keys')
  .action(async (options: Options) => {
    process.exitCode = await runDemo(options);
  });
await program.parseAsync();

async function runDemo(options: Options): Promise<number> {
  const messages = options.messages === undefined ? [] : await readMessages(options.messages);
  if (messages === null) return 2;
  const folder = await mkdtemp(join(tmpdir(), 'sealed-push-demo-'));
  const stack = new Stack({ folder });
  process.once('SIGINT', () => {
    void stack
      .stop()
      .then(() => rm(folder, { recursive: true, force: true }))
      .then(() => process.exit(130));
  });
  try {
    say('Starting the simulated Apple and Google, the bouncer, the chat server and the phones …');
    await stack.start();
    const outcome = messages.length > 0 ? await accountFor(stack, messages) : await showOne(stack);
    if (options.json !== undefined) await writeJson(options.json, stack, outcome);
    return outcome.ok ? 0 : 1;
  } finally {
    await stack.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function showOne(stack: Stack): Promise<Outcome> {
  const cast = await gatherCast(stack, [DEMO_MESSAGE], ['bob']);
  const sighting = await demonstrateMessage(stack, cast, 'carol', ['alice'], TEXT);
  say(`\nCarol writes to Alice, who has an iPhone and an Android phone with a key each.\n`);
  say(renderSighting(sighting, await searchChannels(stack, [TEXT])));
  const redacted = await demonstrateMessage(stack, cast, 'carol', ['bob'], TEXT);
  say(`\nCarol writes the same to Bob, whose phone cannot decrypt: he gets a redacted notification.\n`);
  const finding = await searchChannels(stack, [TEXT]);
  say(renderSighting(redacted, finding));
  const sealed = isSealed(finding);
  say(
    sealed
      ? '\nOnly the chat server and Alice’s phones could read it.'
      : '\nThe text was found where it must not be.',
  );
  return { ok: sealed, json: { sealed: sighting, redacted, found: Object.fromEntries(finding) } };
}

async function accountFor(stack: Stack, messages: readonly PlannedMessage[]): Promise<Outcome> {
  const cast = await gatherCast(stack, messages, []);
  const report = await runMessages(stack, cast, messages, (sent) => {
    if (sent % PROGRESS_EVERY === 0) say(`  ${sent} of ${messages.length} messages sent`);
  });
  say(`\n${renderTally(report.sent, report.refused, report.delivered, report.tally)}`);
  say(`\nenvelopes of ${report.envelopeBytes.join(', ')} bytes`);
  const texts = sampleTexts(messages);
  const finding = await searchChannels(stack, texts);
  const sealed = isSealed(finding);
  say(
    `${texts.length} of the texts were searched for: ${sealed ? 'none' : 'some'} outside the chat server and the phones`,
  );
  return {
    ok: report.tally.failed === 0 && report.refused === 0 && sealed,
    json: { run: report, found: Object.fromEntries(finding) },
  };
}

async function readMessages(file: string): Promise<readonly PlannedMessage[] | null> {
  try {
    const messages = parseMessages(await readFile(file, 'utf8'));
    const readers = readersIn(messages).length;
    if (readers <= READERS_MAX) return messages;
    throw new Error(`the messages go to ${readers} users; there are phones for ${READERS_MAX}`);
  } catch (error) {
    process.stderr.write(`demo: ${file}: ${error instanceof Error ? error.message : 'cannot be read'}\n`);
    return null;
  }
}

async function writeJson(file: string, stack: Stack, outcome: Outcome): Promise<void> {
  const phones = await Promise.all(
    stack.phones.map(async (phone) => ({
      phone: phone.name,
      kind: phone.kind,
      ...(await phone.command('state', { keys: true })),
    })),
  );
  const record = await readProviderRecord(stack.addresses.devices, stack.agent);
  const seen = {
    format: 'sealed-push-demo/1',
    ...outcome.json,
    phones,
    bouncer_requests: stack.tap.exchanges,
    provider_requests: record.map(({ headers: { authorization: _, ...headers }, ...entry }) => ({
      ...entry,
      headers,
    })),
  };
  await writeFile(file, `${JSON.stringify(seen, null, 2)}\n`, { mode: 0o600 });
  say(`\nWhat each party saw, and the phones’ keys, are in ${file}.`);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
