// What the chat's routes work with.
import type { PushService } from '../../notify/push-service.ts';
import type { ChatDatabase } from '../tables.ts';

export interface ChatContext {
  readonly database: ChatDatabase;
  readonly push: PushService;
  readonly adminKey: string;
  readonly randomBytes: (length: number) => Uint8Array;
  /** Unix ms. */
  readonly now: () => number;
}
