// The table of routes (SPEC.md section 13).
import type { FastifyInstance } from 'fastify';
import type { AppConfig } from '../apps.ts';
import type { BatchParts } from '../notify/batch.ts';
import type { Registration } from '../registration/registration.ts';
import type { BouncerKeys } from '../sealing-keys.ts';
import { addAboutRoutes } from './about.ts';
import { addHandleRoutes } from './handles.ts';
import { addNotificationRoutes } from './notifications.ts';
import { addRevocationRoute } from './revocations.ts';

export interface RouteParts {
  readonly batch: BatchParts;
  readonly registration: Registration;
  readonly apps: ReadonlyMap<string, AppConfig>;
  /** The keys of this moment. */
  readonly keys: () => BouncerKeys;
  /** Unix milliseconds. */
  readonly now: () => number;
}

export function addRoutes(app: FastifyInstance, parts: RouteParts): void {
  addAboutRoutes(app, parts);
  addHandleRoutes(app, parts);
  addRevocationRoute(app, parts);
  addNotificationRoutes(app, parts);
}
