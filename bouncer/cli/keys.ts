// `keys …`: root keys, sealing keys, the storage key and the signed list (SPEC.md section 6).
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { z } from 'zod';
import { nativeBackend } from '../../protocol/crypto/backend-native.ts';
import { decodeKeyList, type KeyList } from '../../protocol/registration/key-list.ts';
import { signKeyList } from '../../protocol/registration/open/sign-key-list.ts';
import { rootId } from '../../protocol/registration/root-key.ts';
import { decodeBase64url, encodeBase64url } from '../../protocol/wire/base64url.ts';
import { signedKeyListSchema } from '../../protocol/wire/bouncer-api.ts';
import { base64urlSchema } from '../../protocol/wire/ids.ts';
import { BOUNCER_KEY_LIST_LIFE_SECONDS_MAX, BOUNCER_KEYS_MAX } from '../../protocol/wire/limits.ts';
import { ConfigurationError } from '../config.ts';
import { readConfiguredJson } from '../configured-file.ts';
import { type SealingKeyEntry, type SealingKeysFile, sealingKeysFileSchema } from '../sealing-keys.ts';
import { STORAGE_KEY_BYTES } from '../store/storage-key.ts';
import { makeSealingKeys, retireKeys } from './sealing-key-life.ts';
import { parseOrigin } from './servers.ts';

const ROOT_SEED_BYTES = 32;
const SECRET_FILE_MODE = 0o600;

const FILES = {
  root1: 'root-1.json',
  root2: 'root-2.json',
  sealingKeys: 'sealing-keys.json',
  storageKey: 'storage-key',
  keyList: 'key-list.json',
} as const;

interface RootFile {
  readonly root: string;
  readonly public_key: string;
  readonly seed: string;
}
const rootFileSchema: z.ZodType<RootFile> = z.strictObject({
  root: z.string(),
  public_key: base64urlSchema(32),
  seed: base64urlSchema(ROOT_SEED_BYTES),
});

export function addKeysCommands(program: Command): void {
  const keys = program.command('keys').description('root keys, sealing keys and the signed list');
  keys
    .command('init')
    .description('make all keys of a new bouncer and the first signed list; prints the public root keys')
    .requiredOption('--dir <folder>', 'where the files go')
    .requiredOption('--origin <origin>', 'https://host[:port] of this bouncer', parseOrigin)
    .action((options: { readonly dir: string; readonly origin: string }) => {
      console.log(JSON.stringify(initKeys(resolve(options.dir), options.origin, nowSeconds())));
    });
  keys
    .command('publish')
    .description('sign the next version of the list, valid for 30 days')
    .requiredOption('--dir <folder>', 'where the files of `keys init` are')
    .option('--root-file <file>', 'the root key to sign with (default: root-1.json of the folder)')
    .option('--add-key', 'add a fresh sealing key of each suite; apps prefer the newest')
    .option('--revoke <bkid>', 'leave this key out of the list from now on; it opens for 90 days more')
    .action((options: PublishOptions) => {
      console.log(JSON.stringify(publishKeys(options, nowSeconds())));
    });
}

interface PublishOptions {
  readonly dir: string;
  readonly rootFile?: string;
  readonly addKey?: true;
  readonly revoke?: string;
}

function initKeys(folder: string, origin: string, now: number): unknown {
  for (const name of Object.values(FILES)) {
    if (existsSync(join(folder, name)))
      throw new ConfigurationError(`${name} exists already; nothing was changed`);
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const roots = [makeRoot(), makeRoot()] as const;
  const sealingKeys = { keys: makeSealingKeys(nativeBackend, { keys: [] }, now) };
  writeSecret(join(folder, FILES.root1), JSON.stringify(roots[0]));
  writeSecret(join(folder, FILES.root2), JSON.stringify(roots[1]));
  writeSecret(join(folder, FILES.sealingKeys), JSON.stringify(sealingKeys));
  writeSecret(join(folder, FILES.storageKey), `${randomBytes(STORAGE_KEY_BYTES).toString('base64url')}\n`);
  const list = buildList(1, origin, sealingKeys.keys, now);
  writeSecret(join(folder, FILES.keyList), signed(roots[0], list));
  return { roots: roots.map(({ root, public_key }) => ({ root, public_key })), version: list.version };
}

function publishKeys(options: PublishOptions, now: number): unknown {
  const folder = resolve(options.dir);
  const root = readConfiguredJson(
    'the root key',
    options.rootFile ?? join(folder, FILES.root1),
    rootFileSchema,
  );
  const listFile = join(folder, FILES.keyList);
  const before = decodeKeyList(
    decodeBase64url(readConfiguredJson(FILES.keyList, listFile, signedKeyListSchema).bytes),
  );
  const sealingKeysFile = join(folder, FILES.sealingKeys);
  let file: SealingKeysFile = readConfiguredJson(FILES.sealingKeys, sealingKeysFile, sealingKeysFileSchema);
  const listed = new Set(before.keys.map((key) => encodeBase64url(key.bkid)));
  if (options.revoke !== undefined && !listed.delete(options.revoke)) {
    throw new ConfigurationError('the list has no such bkid');
  }
  file = retireKeys(file, options.revoke, now);
  if (options.addKey === true) {
    const fresh = makeSealingKeys(nativeBackend, file, now);
    file = { ...file, keys: [...file.keys, ...fresh] };
    for (const { bkid } of fresh) listed.add(bkid);
  }
  const keys = file.keys.filter((key) => listed.has(key.bkid) && key.not_after > now);
  if (keys.length > BOUNCER_KEYS_MAX) {
    throw new ConfigurationError(`a list has at most ${BOUNCER_KEYS_MAX} keys: revoke some`);
  }
  const list = buildList(before.version + 1, before.bouncerOrigin, keys, now);
  const text = signed(root, list);
  // The keys first: a running bouncer takes no list that names a key which it has not.
  replaceFile(sealingKeysFile, JSON.stringify(file));
  replaceFile(listFile, text);
  return { version: list.version, valid_until: list.validUntil, keys: keys.map((key) => key.bkid) };
}

function makeRoot(): RootFile {
  const seed = nativeBackend.randomBytes(ROOT_SEED_BYTES);
  const publicKey = nativeBackend.ed25519PublicKey(seed);
  return {
    root: encodeBase64url(rootId(nativeBackend, publicKey)),
    public_key: encodeBase64url(publicKey),
    seed: encodeBase64url(seed),
  };
}

function buildList(version: number, origin: string, keys: readonly SealingKeyEntry[], now: number): KeyList {
  return {
    version,
    issuedAt: now,
    validUntil: now + BOUNCER_KEY_LIST_LIFE_SECONDS_MAX,
    bouncerOrigin: origin,
    keys: keys.map((key) => ({
      bkid: decodeBase64url(key.bkid),
      suite: key.suite,
      key: decodeBase64url(key.public_key),
      notBefore: key.not_before,
      notAfter: key.not_after,
    })),
  };
}

function signed(root: RootFile, list: KeyList): string {
  return JSON.stringify(signKeyList(nativeBackend, decodeBase64url(root.seed), list));
}

/** Fails if the file exists. */
function writeSecret(path: string, text: string): void {
  writeFileSync(path, text, { mode: SECRET_FILE_MODE, flag: 'wx' });
}

/** By rename, so that a running bouncer never reads half a file. */
function replaceFile(path: string, text: string): void {
  const fresh = `${path}.new`;
  writeFileSync(fresh, text, { mode: SECRET_FILE_MODE });
  renameSync(fresh, path);
}

function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}
