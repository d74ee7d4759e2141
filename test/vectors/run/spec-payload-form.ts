// What the functions of SPEC.md decoded, in the form of the vectors.
import { hex } from '../../../protocol/wire/bytes.ts';
import type { SpecMap, SpecPayload } from '../../docs/spec-module.ts';

export function specPayloadForm({ sentAt, counter, ttl, kind, body, unread, removed }: SpecPayload): object {
  return {
    sent_at: sentAt,
    counter,
    ttl,
    kind,
    body: bodyForm(kind, body),
    ...(unread !== undefined && { unread }),
    ...(removed !== undefined && { removed: removed.map(referenceForm) }),
  };
}

function bodyForm(kind: number, body: SpecMap): object {
  if (kind === 2) return { references: (body.get(1) as unknown[]).map(referenceForm) };
  if (kind === 4) return { nonce: hex(body.get(1) as Uint8Array) };
  if (kind !== 1) return {};
  const conversation = body.get(2) as SpecMap;
  const sender = body.get(3) as SpecMap;
  return present({
    reference: referenceForm(body.get(1)),
    conversation: present({
      kind: conversation.get(1),
      id: referenceForm(conversation.get(2)),
      name: conversation.get(3),
      topic: conversation.get(4),
    }),
    sender: present({ name: sender.get(1), avatar: sender.get(2) }),
    text: body.get(4),
    truncated: body.get(5),
    edited: body.get(6),
    mention: body.get(7),
  });
}

function referenceForm(reference: unknown): unknown {
  return reference instanceof Uint8Array ? hex(reference) : reference;
}

function present(fields: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
