// The connection to the operating system's push service, as the providers stand-in offers it: installing the app gives
// a token, an open stream makes the phone online, every line is a delivery.
import { type Dispatcher, request } from 'undici';
import { z } from 'zod';
import { type Clock, pause } from './clock.ts';
import type { PhoneConfig } from './config.ts';
import { type Delivery, deliverySchema } from './delivery.ts';
import { callHttps, readAnswer } from './https-client.ts';
import { LineSplitter } from './lines.ts';
import type { Device } from './state.ts';

/** Four times the largest body of a provider. */
const LINE_CHARACTERS_MAX: number = 16 * 1024;
const RECONNECT_MS = 250;

const deviceSchema = z.object({
  device_id: z.string().min(1).max(64),
  token: z.string().min(1).max(400),
});

/** Installs the app. @throws CallError */
export async function installApp(dispatcher: Dispatcher, config: PhoneConfig): Promise<Device> {
  const answer = await callHttps(dispatcher, {
    method: 'POST',
    url: `${config.devicesOrigin}/devices`,
    body: { platform: config.platform, environment: config.environment, app_id: config.appId },
  });
  const { device_id, token } = readAnswer(deviceSchema, answer);
  return { deviceId: device_id, token };
}

export interface DeliveriesParts {
  readonly dispatcher: Dispatcher;
  readonly clock: Clock;
  readonly url: string;
  readonly onDelivery: (delivery: Delivery) => void;
  /** A line that is no delivery. */
  readonly onMalformed: () => void;
  /** The push service does not know this app: it was uninstalled. */
  readonly onUnknown: () => void;
}

/** The stream, opened again whenever it breaks, until it is closed. */
export class Deliveries {
  readonly #parts: DeliveriesParts;
  #abort: AbortController | null = null;

  constructor(parts: DeliveriesParts) {
    this.#parts = parts;
  }

  /** Resolves once the phone is online. */
  open(): Promise<void> {
    this.close();
    const abort = new AbortController();
    this.#abort = abort;
    return new Promise((resolve) => {
      void this.#run(abort, resolve);
    });
  }

  close(): void {
    this.#abort?.abort();
    this.#abort = null;
  }

  async #run({ signal }: AbortController, onOnline: () => void): Promise<void> {
    while (!signal.aborted) {
      // A broken stream is opened again; an aborted one ends the loop.
      await this.#read(signal, onOnline).catch(() => undefined);
      if (!signal.aborted) await pause(this.#parts.clock, RECONNECT_MS);
    }
    onOnline();
  }

  async #read(signal: AbortSignal, onOnline: () => void): Promise<void> {
    const { dispatcher, url } = this.#parts;
    const answer = await request(url, { dispatcher, signal, bodyTimeout: 0 });
    if (answer.statusCode === 404) {
      this.close();
      this.#parts.onUnknown();
    }
    if (answer.statusCode !== 200) return answer.body.dump();
    onOnline();
    const splitter = new LineSplitter(LINE_CHARACTERS_MAX);
    answer.body.setEncoding('utf8');
    for await (const chunk of answer.body as AsyncIterable<string>) {
      if (signal.aborted) return;
      for (const line of splitter.push(chunk)) this.#take(line);
    }
  }

  #take(line: string): void {
    const delivery = deliverySchema.safeParse(parseJson(line));
    if (delivery.success) this.#parts.onDelivery(delivery.data);
    else this.#parts.onMalformed();
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
