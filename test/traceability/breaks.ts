// How each requirement of SPEC.md can be broken. A break is one piece of text that occurs exactly once in a file, what
// stands there instead, and the test file in which a test that names the requirement has to fail.

import { APP_BREAKS } from './breaks/app.ts';
import { BOUNCER_BREAKS } from './breaks/bouncer.ts';
import { ENVELOPE_BREAKS } from './breaks/envelope.ts';
import { PAYLOAD_BREAKS } from './breaks/payload.ts';
import { PHONE_BREAKS } from './breaks/phone.ts';
import { REGISTRATION_BREAKS } from './breaks/registration.ts';
import { SERVER_BREAKS } from './breaks/server.ts';
import { ZULIP_BREAKS } from './breaks/zulip.ts';

/** One piece of text in another's place. */
export interface Change {
  /** From the root of the repository. */
  readonly file: string;
  readonly before: string;
  readonly after: string;
}

/** One way to break one requirement. */
export interface Break extends Change {
  /** The requirement's id in SPEC.md. */
  readonly id: string;
  /** What the break needs beside it: a second line of defence that has to fall, an import. */
  readonly also?: readonly Change[];
  /** The test file, one of whose tests has the id in its title. */
  readonly test: string;
}

export const BREAKS: readonly Break[] = [
  ...ENVELOPE_BREAKS,
  ...APP_BREAKS,
  ...SERVER_BREAKS,
  ...ZULIP_BREAKS,
  ...PHONE_BREAKS,
  ...REGISTRATION_BREAKS,
  ...PAYLOAD_BREAKS,
  ...BOUNCER_BREAKS,
];
