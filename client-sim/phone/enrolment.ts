// Registering at the server (SPEC.md sections 4 and 5): what is missing is made and written, then sent; the server's
// answer is judged; a refusal gives way to something new, a few times.
import { encodeBase64url } from '../../protocol/wire/base64url.ts';
import type { RegistrationStatus } from '../../protocol/wire/push-api.ts';
import type { AccountState } from './account-state.ts';
import { currentAttempt } from './attempts.ts';
import type { Discovered } from './discovery.ts';
import { CallError } from './https-client.ts';
import { dropKey, encodeDeviceKey, newestKey } from './keyring.ts';
import { judgeStatus } from './reconcile.ts';
import { encodeAttempt, encodeRegistration, tokenBytes } from './registration.ts';
import type { ServerClient } from './server-client.ts';
import type { Attempt, HeldKey, Registration } from './state.ts';

/** How often one start may give way to a refusal and try with something new. */
const ROUNDS_MAX = 4;

/** The server's last word, and how many envelopes it has sealed that did not arrive. */
export interface Enrolment {
  readonly status: RegistrationStatus;
  readonly skipped: number;
}

/** Registers or reconciles a phone with keys. @throws CallError, ProtocolError */
export async function enrol(
  account: AccountState,
  server: ServerClient,
  found: Discovered,
): Promise<Enrolment> {
  for (let round = 1; ; round += 1) {
    try {
      return await runRound(account, server, found);
    } catch (error) {
      const gaveWay = error instanceof CallError && round < ROUNDS_MAX && giveWay(account, error, found);
      if (!gaveWay) throw error;
    }
  }
}

/** Makes a new key, which is sealed to from the server's answer on. @throws CallError */
export async function replaceKey(
  account: AccountState,
  server: ServerClient,
  registration: Registration,
  key: HeldKey,
): Promise<RegistrationStatus> {
  await account.commit();
  const status = await server.replaceKey(encodeBase64url(registration.registrationId), encodeDeviceKey(key));
  account.takeStatus(status);
  return status;
}

/** Registers the bare token of a phone without keys. @throws CallError */
export async function enrolBare(account: AccountState, server: ServerClient): Promise<void> {
  // A phone that ever had a key here refuses to be registered without one.
  if (account.registration?.e2ee === true) throw new CallError('e2ee_required', false);
  const registration = account.registration ?? account.makeRegistration(false);
  const { registrationId, appId, platform, environment } = registration;
  await account.commit();
  await server.registerLegacy({
    registration_id: encodeBase64url(registrationId),
    app_id: appId,
    platform,
    environment,
    token: encodeBase64url(tokenBytes(platform, account.token)),
  });
  account.change(registrationId, (changed) => ({ ...changed, accepted: true }));
  await account.commit();
}

async function runRound(account: AccountState, server: ServerClient, found: Discovered): Promise<Enrolment> {
  const before = await prepare(account, found);
  const [key, attempt] = [newestKey(before) as HeldKey, currentAttempt(before) as Attempt];
  const id = encodeBase64url(before.registrationId);
  let status = before.accepted
    ? await server.readStatus(id)
    : await server.register(encodeRegistration(before, key, attempt));
  // Judged by what was there before the server was asked: a push that came since is not held against it.
  const repair = judgeStatus(before, status, account.present);
  const skipped = repair.sync ? status.counter - key.counter + key.missing : 0;
  account.takeStatus(status);
  if (repair.key !== 'keep') {
    const sent = repair.key === 'send' ? key : account.makeKey(before, found.keepDaysMax);
    status = await replaceKey(account, server, before, sent);
  }
  if (repair.token !== 'keep') {
    const sent = repair.token === 'send' ? attempt : account.makeAttempt(before, found);
    await account.commit();
    status = await server.replaceToken(id, encodeAttempt(sent));
    account.takeStatus(status);
  }
  return { status, skipped };
}

/** Whatever is missing is made, and all of it is durable. */
async function prepare(account: AccountState, found: Discovered): Promise<Registration> {
  const registration = account.registration ?? account.makeRegistration(true);
  account.dropOutdatedKey(registration);
  const current = account.registration as Registration;
  if (newestKey(current) === null) account.makeKey(current, found.keepDaysMax);
  const held = account.registration as Registration;
  if (currentAttempt(held)?.token !== account.token) account.makeAttempt(held, found);
  await account.commit();
  return account.registration as Registration;
}

/** Whether a refusal leaves something else to try; the next round sends it. */
function giveWay(account: AccountState, { code, bouncerTime }: CallError, found: Discovered): boolean {
  const { registration } = account;
  if (registration === null) return false;
  if (bouncerTime !== undefined) account.takeClock(bouncerTime);
  const key = newestKey(registration);
  switch (code) {
    case 'unknown_registration':
      // The server has lost it: it gets a key and an attempt that it has never seen.
      account.change(registration.registrationId, (changed) => ({ ...changed, accepted: false }));
      if (key?.registered === true) account.makeKey(registration, found.keepDaysMax);
      account.makeAttempt(account.registration as Registration, found);
      return true;
    case 'registration_conflict':
      account.forget();
      return true;
    case 'kid_conflict':
      if (key === null || key.registered) return false;
      account.change(registration.registrationId, (changed) => dropKey(changed, key.kid));
      return true;
    case 'attempt_conflict':
    case 'stale_request':
      account.makeAttempt(registration, found);
      return true;
    default:
      return false;
  }
}
