// The phone as a whole: installs the app, comes online, registers, hands every delivery to the system it is, and does
// what it is told.
import type { Dispatcher } from 'undici';
import { nativeBackend } from '../../protocol/crypto/backend-native.ts';
import { Account } from './account.ts';
import { receiveOnAndroid } from './android.ts';
import { readMessages, syncMessages } from './chat.ts';
import { pause, systemClock } from './clock.ts';
import type { Command } from './commands.ts';
import type { PhoneConfig } from './config.ts';
import type { PhoneContext } from './context.ts';
import { Deliveries, installApp } from './deliveries.ts';
import { contentOf, type Delivery } from './delivery.ts';
import type { Emit } from './events.ts';
import { CallError, codeOf } from './https-client.ts';
import { receiveOnIphone } from './ios-app.ts';
import { receiveOnLegacyPhone } from './legacy.ts';
import { receiveWhileLocked } from './locked-phone.ts';
import { ServerClient } from './server-client.ts';
import type { Registration } from './state.ts';
import type { StateFile } from './state-file.ts';
import { reportState } from './state-report.ts';

const INSTALL_RETRY_MS = 500;
/** What takes the app, and so the user, who has to unlock the phone first. */
const APP_OPS: ReadonlySet<Command['op']> = new Set([
  'read',
  'sync',
  'restart_app',
  'rotate_key',
  'sign_out',
]);

export class Phone {
  readonly #config: PhoneConfig;
  readonly #dispatcher: Dispatcher;
  readonly #context: PhoneContext;
  readonly #server: ServerClient;
  readonly #account: Account;
  #deliveries: Deliveries | null = null;
  #locked = false;

  constructor(config: PhoneConfig, file: StateFile, dispatcher: Dispatcher, emit: Emit) {
    this.#config = config;
    this.#dispatcher = dispatcher;
    this.#server = new ServerClient(config.serverOrigin, config.sessionFile, dispatcher);
    this.#context = {
      backend: nativeBackend,
      clock: systemClock,
      file,
      emit,
      confirm: (answer) => this.#watch('confirm', this.#account.confirm(answer)),
      checkSession: (id) => this.#watch('check_session', this.#account.checkSession(id)),
    };
    this.#account = new Account({
      phone: this.#context,
      config,
      server: this.#server,
      dispatcher,
      sync: (account) => syncMessages(this.#context, this.#server, account),
    });
  }

  start(): void {
    this.#watch('start', this.#begin());
  }

  /** Carries out a command and tells that it is done, or why not. */
  async obey(command: Command): Promise<void> {
    if (command.op === 'state') {
      return this.#context.emit(reportState(this.#context.file.state, command.keys));
    }
    if (this.#locked && APP_OPS.has(command.op)) {
      return this.#context.emit({ event: 'failed', op: command.op, code: 'locked' });
    }
    try {
      await this.#carryOut(command);
      this.#context.emit({ event: 'done', op: command.op });
    } catch (error) {
      this.#context.emit({ event: 'failed', op: command.op, code: codeOf(error) });
    }
  }

  /** Goes offline; whatever was accepted is durable once this resolves. */
  async stop(): Promise<void> {
    this.#account.stop();
    this.#deliveries?.close();
    await this.#context.file.commit();
  }

  #carryOut(command: Exclude<Command, { op: 'state' }>): Promise<void> | void {
    switch (command.op) {
      case 'read':
        return readMessages(this.#context, this.#server, this.#signedIn, command.references);
      case 'sync':
        return syncMessages(this.#context, this.#server, this.#signedIn);
      case 'restart_app':
        return this.#account.reconcile();
      case 'rotate_key':
        return this.#account.rotateKey();
      case 'sign_out':
        return this.#account.signOut();
      case 'offline':
        return this.#deliveries?.close();
      case 'online':
        return this.#deliveries?.open();
      case 'lock':
        this.#locked = true;
        return this.#account.stop();
      case 'unlock':
        this.#locked = false;
        return this.#watch('start', this.#account.start());
      case 'quit':
        return;
    }
  }

  /** @throws CallError `unknown_registration` */
  get #signedIn(): Registration {
    const { registration } = this.#account;
    if (registration === null) throw new CallError('unknown_registration', false);
    return registration;
  }

  async #begin(): Promise<void> {
    await this.#comeOnline();
    await this.#account.start();
  }

  async #comeOnline(): Promise<void> {
    const { file } = this.#context;
    const device = file.state.device ?? (await this.#install());
    file.update((state) => ({ ...state, device }));
    await file.commit();
    this.#deliveries = new Deliveries({
      dispatcher: this.#dispatcher,
      clock: this.#context.clock,
      url: `${this.#config.devicesOrigin}/devices/${device.deviceId}/deliveries`,
      onDelivery: (delivery) => this.#receive(delivery),
      onMalformed: () => this.#context.emit({ event: 'ignored', reason: 'delivery_malformed' }),
      onUnknown: () => this.#watch('reinstall', this.#reinstall()),
    });
    await this.#deliveries.open();
  }

  /** The token of a new installation is a new one: the account registers it. */
  async #reinstall(): Promise<void> {
    this.#context.file.update((state) => ({ ...state, device: null }));
    await this.#begin();
  }

  async #install(): ReturnType<typeof installApp> {
    for (;;) {
      try {
        return await installApp(this.#dispatcher, this.#config);
      } catch (error) {
        if (!(error instanceof CallError && error.retryable)) throw error;
        await pause(this.#context.clock, INSTALL_RETRY_MS);
      }
    }
  }

  #receive(delivery: Delivery): void {
    const { emit } = this.#context;
    emit({
      event: 'received',
      delivery_id: delivery.delivery_id,
      push: contentOf(delivery),
      provider_sent_at: delivery.sent_at,
    });
    this.#watch('receive', this.#handle(delivery));
  }

  /** Work that nobody waits for fails with an event. */
  #watch(op: string, work: Promise<void>): void {
    work.catch((error: unknown) => this.#context.emit({ event: 'failed', op, code: codeOf(error) }));
  }

  async #handle(delivery: Delivery): Promise<void> {
    if (this.#locked) return receiveWhileLocked(this.#context, delivery);
    if (this.#isLegacy()) return receiveOnLegacyPhone(this.#context, delivery);
    if (delivery.platform === 'apns') return receiveOnIphone(this.#context, delivery);
    return receiveOnAndroid(this.#context, delivery);
  }

  /** An app without keys. Once any key is registered, nothing makes it one again. */
  #isLegacy(): boolean {
    const { registrations } = this.#context.file.state;
    return this.#config.kind.startsWith('legacy') && !registrations.some(({ e2ee }) => e2ee);
  }
}
