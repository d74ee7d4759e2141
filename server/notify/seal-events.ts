// From events to the outbox: policy, payload, seal, rows and the event's progress are one transaction per chunk of
// devices. A process that ends at any instant has done a chunk wholly or not at all.
import { joinable, word } from '../log/content-free.ts';
import type { NotifyContext } from './context.ts';
import { countDevicesOfUsers, type Device, readDevicesOfUsers } from './devices.ts';
import { referenceKey } from './event.ts';
import { advanceEvent, type EventReader, endEvent, type OpenEvent, readOpenEvent } from './events.ts';
import { countFailure, setAside } from './failed-events.ts';
import { decideMember } from './policy.ts';
import { PreparedKeys } from './prepared-keys.ts';
import type { Member, MessageEvent } from './push-service.ts';
import { takeBackRead } from './read-elsewhere.ts';
import { renderMessage, templateOf } from './render.ts';
import { type Saying, sealToDevices } from './seal-devices.ts';
import type { NotifyDatabase } from './tables.ts';

/** A transaction seals for about this many devices: some 20 ms, in which no other request is served. */
const DEVICES_PER_CHUNK = 24;
/** Most members of a large audience have few devices or none: so many are looked at in one query. */
const MEMBERS_PER_CHUNK = 1000;
/** What an event costs beside its devices, in devices. */
const DEVICES_PER_EVENT_MIN = 4;

/** Deals with the next chunk; says whether there is more. A failure counts against the event that it happened in. */
export async function sealEvents(context: NotifyContext, reader: EventReader): Promise<boolean> {
  const at: { sequence: number | null } = { sequence: null };
  try {
    return await context.database.transaction().execute(async (transaction) => {
      const keys = new PreparedKeys(context);
      let after = 0;
      let devices = 0;
      while (devices < DEVICES_PER_CHUNK) {
        const event = await readOpenEvent(transaction, after);
        at.sequence = event?.sequence ?? null;
        if (event === undefined) return false;
        const { done, sealed } = await sealEvent(transaction, context, { reader, keys }, event);
        if (!done) return true;
        await endEvent(transaction, event.sequence, context.now());
        after = event.sequence;
        devices += Math.max(DEVICES_PER_EVENT_MIN, sealed);
      }
      return true;
    });
  } catch (error) {
    if (at.sequence !== null) await countFailure(context, at.sequence, error);
    throw error;
  }
}

/** What lasts as long as one transaction, or longer. */
interface Job {
  readonly reader: EventReader;
  readonly keys: PreparedKeys;
}

interface Progress {
  readonly done: boolean;
  readonly sealed: number;
}

async function sealEvent(
  transaction: NotifyDatabase,
  context: NotifyContext,
  { reader, keys }: Job,
  open: OpenEvent,
): Promise<Progress> {
  const event = await reader.read(transaction, open.sequence);
  if (event === null) {
    await setAside(transaction, context, open.sequence);
    return { done: true, sealed: 0 };
  }
  if (event.kind === 'read') {
    await takeBackRead(transaction, context, event);
    return { done: true, sealed: 0 };
  }
  return await sealMessage(transaction, context, keys, event, open);
}

interface Notified {
  readonly member: Member;
  /** Where the audience goes on after this member. */
  readonly next: number;
}

/** Members of an audience, and how far in it that is. */
interface Stretch {
  readonly notified: readonly Notified[];
  readonly end: number;
}

async function sealMessage(
  transaction: NotifyDatabase,
  context: NotifyContext,
  keys: PreparedKeys,
  event: MessageEvent,
  { sequence, position }: OpenEvent,
): Promise<Progress> {
  const { notified, end } = await takeReachable(transaction, nextMembers(event, position));
  const users = notified.map(({ member }) => member.user);
  const devices = Map.groupBy(
    await readDevicesOfUsers(transaction, context, users),
    ({ registration }) => registration.user_id,
  );
  const sayings = notified.flatMap((entry) =>
    (devices.get(entry.member.user) ?? [])
      .filter((device) => isNotified(device, context))
      .map((device) => say(event, device, entry)),
  );
  const sealed = await sealToDevices(transaction, context, keys, sayings);
  const done = end >= event.audience.length;
  if (!done) await advanceEvent(transaction, sequence, end);
  context.log.write('event_sealed', { sequence, sealed, done });
  return { done, sealed };
}

/** The next members that the policy lets through. */
function nextMembers(event: MessageEvent, position: number): Stretch {
  const notified: Notified[] = [];
  let end = position;
  while (end < event.audience.length && notified.length < MEMBERS_PER_CHUNK) {
    const member = event.audience[end] as Member;
    end += 1;
    if (decideMember(event, member).notify) notified.push({ member, next: end });
  }
  return { notified, end };
}

/** Those of them who have devices, up to a chunk's worth: all of a member's devices, and at least one member. */
async function takeReachable(transaction: NotifyDatabase, { notified, end }: Stretch): Promise<Stretch> {
  const users = notified.map(({ member }) => member.user);
  const counts = await countDevicesOfUsers(transaction, users);
  const taken: Notified[] = [];
  let devices = 0;
  for (const entry of notified) {
    const own = counts.get(entry.member.user) ?? 0;
    if (own === 0) continue;
    taken.push(entry);
    devices += own;
    if (devices >= DEVICES_PER_CHUNK) return { notified: taken, end: entry.next };
  }
  return { notified: taken, end };
}

function isNotified({ decision, registration }: Device, { log }: NotifyContext): boolean {
  const notified = decision === 'sealed' || decision === 'redacted';
  if (!notified) {
    log.write('device_skipped', { reason: word(decision), device: joinable(registration.registration_id) });
  }
  return notified;
}

function say(event: MessageEvent, device: Device, { member }: Notified): Saying {
  return {
    device,
    eventId: event.id,
    kind: 'message',
    body: renderMessage(event, member.mention),
    template: templateOf(event, member.mention),
    urgency: 'alert',
    unread: member.unread,
    reference: referenceKey(event.reference),
  };
}
