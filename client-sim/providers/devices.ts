// All virtual phones, and whom each token belongs or belonged to. A token dies with the app, or when the
// operating system gives out another; the moment of its death is remembered (A6).
import type { Clock } from './clock.ts';
import { Device, type Realm } from './device.ts';
import { apnsDeviceTokenBytes, devicesMax } from './limits.ts';
import type { Push, Settle } from './mailbox.ts';
import type { RandomBytes } from './random.ts';

export interface TokenHolder {
  device: Device;
  /** Unix time in milliseconds; null while the token lives. */
  deadSinceMs: number | null;
}

export interface DevicesOptions {
  clock: Clock;
  random: RandomBytes;
  settle: Settle;
}

export class Devices {
  readonly #clock: Clock;
  readonly #random: RandomBytes;
  readonly #settle: Settle;
  readonly #installed = new Map<string, Device>();
  readonly #holders = new Map<string, TokenHolder>();
  readonly #withStored = new Set<Device>();
  #deliveries = 0;

  constructor({ clock, random, settle }: DevicesOptions) {
    this.#clock = clock;
    this.#random = random;
    this.#settle = settle;
  }

  /** Returns null when there is no room for another. */
  install(realm: Realm, appId: string): Device | null {
    if (this.#holders.size >= devicesMax) return null;
    const device = new Device({
      id: this.#random(8).toString('hex'),
      realm,
      appId,
      token: this.#drawToken(realm),
      settle: this.#settle,
      nextDeliveryId: () => {
        this.#deliveries += 1;
        return this.#deliveries;
      },
    });
    this.#installed.set(device.id, device);
    this.#holders.set(keyOf(realm, device.token), { device, deadSinceMs: null });
    return device;
  }

  read(deviceId: string): Device | null {
    return this.#installed.get(deviceId) ?? null;
  }

  uninstall(device: Device): void {
    this.#kill(device);
    this.#installed.delete(device.id);
    this.#withStored.delete(device);
    device.shut();
  }

  /** Gives the device a new token; false when there is no room for another. */
  rotateToken(device: Device): boolean {
    if (this.#holders.size >= devicesMax) return false;
    this.#kill(device);
    device.token = this.#drawToken(device.realm);
    this.#holders.set(keyOf(device.realm, device.token), { device, deadSinceMs: null });
    return true;
  }

  findHolder(realm: Realm, token: string): TokenHolder | null {
    return this.#holders.get(keyOf(realm, token)) ?? null;
  }

  push(device: Device, push: Push): void {
    device.push(push, this.#clock.nowMs());
    if (device.storedCount > 0) this.#withStored.add(device);
  }

  /** Settles everything whose time is over. */
  expire(): void {
    const nowMs = this.#clock.nowMs();
    for (const device of this.#withStored) {
      device.expire(nowMs);
      if (device.storedCount === 0) this.#withStored.delete(device);
    }
  }

  #kill(device: Device): void {
    const holder = this.#holders.get(keyOf(device.realm, device.token));
    if (holder !== undefined) holder.deadSinceMs = this.#clock.nowMs();
  }

  #drawToken(realm: Realm): string {
    if (realm !== 'fcm') return this.#random(apnsDeviceTokenBytes).toString('hex');
    return `${this.#random(16).toString('base64url')}:APA91b${this.#random(84).toString('base64url')}`;
  }
}

function keyOf(realm: Realm, token: string): string {
  return `${realm}/${token}`;
}
