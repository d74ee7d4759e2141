// How a scenario is written: the author says what is sent, when, and what must come of it; the device's state after each
// step is worked out (device/phone.ts) and stands in the file. An author's word that does not come true stops the
// generator.
import { isDeepStrictEqual } from 'node:util';
import type { OpeningKey } from '../../../../protocol/content/open/open.ts';
import { portableBackend as backend } from '../../../../protocol/crypto/backend-portable.ts';
import { hex } from '../../../../protocol/wire/bytes.ts';
import {
  addKey,
  erasedBetween,
  judgeStatus,
  type Phone,
  phoneFormOf,
  receive,
  register,
} from '../../device/phone.ts';
import type { VerdictForm } from '../../shape/judgement.ts';
import type { PayloadForm } from '../../shape/payload.ts';
import type {
  Decided,
  DeviceStateForm,
  Received,
  RegisterInput,
  ScenarioCase,
  ScenarioStep,
  StatusForm,
} from '../../shape/scenario.ts';
import { draw } from '../draw.ts';
import { type Field, honest, keyForm, type Recipe, seal } from '../notification/field.ts';
import { payloadCbor, SENT_AT } from '../payload-cbor.ts';
import { headOf, type Told } from '../told.ts';

const DAY_MS = 86_400_000;

/** What must come of an envelope, as far as the author says it. */
export type Expected = Partial<Omit<Received, 'verdict' | 'payload'>> & {
  readonly loud?: boolean;
  readonly step?: string;
  readonly verdict?: Partial<VerdictForm>;
};

/** Noon of day n, in unix ms. */
export function noon(day: number): number {
  return SENT_AT + day * DAY_MS;
}

/** A scenario as it is being written. */
export class Script {
  readonly steps: ScenarioStep[] = [];
  readonly #field: Field;
  readonly #name: string;
  #phone: Phone | null = null;
  #registrationId: Uint8Array = new Uint8Array(16);
  #sealed = 0;

  constructor(field: Field, name: string) {
    this.#field = field;
    this.#name = name;
  }

  /** The device as it is now. */
  get state(): DeviceStateForm {
    return phoneFormOf(this.#now());
  }

  register(comment: string, name: string): void {
    const { origin, appId } = this.#field.phone;
    this.#registrationId = draw(`${this.#field.prefix} ${this.#name} ${name}`, 16);
    const input: RegisterInput = {
      do: 'register',
      registration_id: hex(this.#registrationId),
      origin,
      app_id: appId,
    };
    this.#phone = register(input);
    this.steps.push({ comment, ...input, state: this.state });
  }

  /** A key that the device made and the server accepted on its day 0. */
  addKey(comment: string, name: string, keepDays = 3, erased: readonly string[] = []): OpeningKey {
    const before = this.#now();
    const seed = `${this.#field.prefix} ${this.#name} ${name}`;
    const key: OpeningKey = {
      ...this.#field.phone,
      kid: draw(`${seed} kid`, 4),
      privateKey: draw(`${seed} private key`, 32),
      registrationId: this.#registrationId,
      epoch: 0,
      chain: draw(`${seed} chain[0]`, 32),
      keepDays,
    };
    this.#phone = addKey(before, key);
    const gone = erasedBetween(before, this.#phone);
    insist(comment, { erased: gone }, { erased });
    this.steps.push({ comment, do: 'add_key', key: keyForm(key), erased: gone, state: this.state });
    return key;
  }

  /** What the server seals under a key; `change` is what somebody else does. */
  seal(key: OpeningKey, epoch: number, form: PayloadForm, change: Partial<Recipe> = {}): Uint8Array {
    this.#sealed += 1;
    const id = `${this.#name} envelope ${this.#sealed}`;
    const recipe = honest(this.#field, id, { key, epoch, cbor: payloadCbor(form) });
    return seal({ ...recipe, ...change }).envelope;
  }

  /** An envelope arrives. */
  receive(comment: string, envelope: Uint8Array, now: number, expected: Expected): void {
    const { phone, received } = receive(backend, this.#now(), envelope, now);
    this.#phone = phone;
    insist(comment, received, expected);
    const input = { do: 'receive' as const, envelope: hex(envelope), now };
    this.steps.push({ comment, ...input, ...received, state: this.state });
  }

  /** The app starts and asks the server. */
  status(comment: string, status: StatusForm | null, expected: Partial<Decided>): void {
    const { phone, decided } = judgeStatus(backend, this.#now(), status);
    this.#phone = phone;
    insist(comment, decided, { erased: [], ...expected });
    this.steps.push({ comment, do: 'status', status, ...decided, state: this.state });
  }

  #now(): Phone {
    if (this.#phone === null) throw new RangeError('a scenario begins with register');
    return this.#phone;
  }
}

/** What a server says that agrees with the device in everything. */
export function agreeing(script: Script, key: OpeningKey, epoch: number): StatusForm {
  const held = script.state.keys.find(({ kid }) => kid === hex(key.kid));
  if (held === undefined) throw new RangeError('the device has no such key');
  const { kid, counter, sent_at } = held;
  return { kid, suite: key.suite.id, epoch, counter, sent_at, key_state: 'live' };
}

/** A case of a script. */
export function scenario(field: Field, told: Told, write: (script: Script) => void): ScenarioCase {
  const script = new Script(field, told[0]);
  write(script);
  return { ...headOf(field.prefix, told), result: 'valid', steps: script.steps };
}

/** @throws RangeError where what came is not what the author said */
function insist(comment: string, came: object, expected: object): void {
  const got = came as Record<string, unknown>;
  for (const [name, value] of Object.entries(expected)) {
    const isPart = name === 'verdict';
    if (isPart) insist(comment, got[name] as object, value as object);
    else if (!isDeepStrictEqual(got[name], value)) {
      throw new RangeError(
        `${comment}: ${name} is ${JSON.stringify(got[name])}, not ${JSON.stringify(value)}`,
      );
    }
  }
}
