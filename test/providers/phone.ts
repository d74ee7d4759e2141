// The end of a phone: the open stream of its deliveries.
import type { Readable } from 'node:stream';
import { request } from 'undici';
import type { Field } from './field.ts';

export interface Delivery {
  delivery_id: number;
  sent_at: number;
  [name: string]: unknown;
}

export class OnlinePhone {
  readonly deliveries: Delivery[] = [];
  readonly #body: Readable;
  #ended = false;
  #notify: () => void = () => {};

  constructor(body: Readable) {
    this.#body = body;
    let rest = '';
    body.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      this.deliveries.push(...lines.map((line) => JSON.parse(line) as Delivery));
      this.#notify();
    });
    body.on('error', () => {});
    body.on('close', () => {
      this.#ended = true;
      this.#notify();
    });
  }

  /** Resolves when so many deliveries have come in all. */
  async received(count: number): Promise<Delivery[]> {
    while (this.deliveries.length < count && !this.#ended) await this.#change();
    return this.deliveries;
  }

  /** Resolves when the provider has ended the stream. */
  async ended(): Promise<void> {
    while (!this.#ended) await this.#change();
  }

  goOffline(): void {
    this.#body.destroy();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#notify = resolve;
    });
  }
}

/** Online from the moment this resolves. */
export async function goOnline(field: Field, deviceId: string): Promise<OnlinePhone> {
  const answer = await request(`${field.addresses.devices}/devices/${deviceId}/deliveries`, {
    dispatcher: field.agent,
  });
  if (answer.statusCode !== 200) throw new Error(`no deliveries: ${answer.statusCode}`);
  return new OnlinePhone(answer.body);
}
