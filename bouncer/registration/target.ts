// What a registration is for: an app of this bouncer, on a platform that it has (SPEC.md section 5).
import { textOf } from '../../protocol/wire/bytes.ts';
import { type Environment, isEnvironmentOf, type Platform } from '../../protocol/wire/ids.ts';
import { ProblemError } from '../../protocol/wire/problem.ts';
import type { AppConfig } from '../apps.ts';

export interface Target {
  readonly app_id: string;
  readonly platform: Platform;
  readonly environment: Environment;
}

/** The app. @throws ProblemError `unknown_app`, `wrong_environment` */
export function checkTarget(apps: ReadonlyMap<string, AppConfig>, target: Target): AppConfig {
  const app = apps.get(target.app_id);
  if (app === undefined) throw new ProblemError('unknown_app');
  if (!isEnvironmentOf(target.platform, target.environment)) throw new ProblemError('wrong_environment');
  if (target.environment === '' ? app.fcm === undefined : app.apns?.[target.environment] === undefined) {
    throw new ProblemError('wrong_environment');
  }
  return app;
}

const FCM_TOKEN = /^[\x21-\x7e]+$/;

/** Any bytes for apns; visible ASCII for fcm. */
export function isTokenOf(platform: Platform, token: Uint8Array): boolean {
  if (platform === 'apns') return true;
  const text = textOf(token);
  return text !== null && FCM_TOKEN.test(text);
}
