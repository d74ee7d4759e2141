// Google's answers: the shape of its errors, with and without FcmError details. Facts: 3.3 of the providers
// page.

export interface FcmAnswer {
  status: number;
  contentType: string;
  body: string;
  /** What the record notes of it: an error code, a status, or nothing. */
  reason: string | null;
  retryAfter?: number | string | undefined;
}

export interface FieldViolation {
  /** Absent where the JSON itself is broken. */
  field?: string;
  description: string;
}

export type FcmErrorCode = keyof typeof fcmErrors;

const fcmErrors = {
  INVALID_ARGUMENT: [400, 'The registration token is not a valid FCM registration token'],
  THIRD_PARTY_AUTH_ERROR: [401, 'Auth error from APNS or Web Push Service'],
  SENDER_ID_MISMATCH: [403, 'SenderId mismatch'],
  UNREGISTERED: [404, 'Requested entity was not found.'],
  QUOTA_EXCEEDED: [429, 'Quota exceeded for quota metric'],
  INTERNAL: [500, 'Internal error encountered.'],
  UNAVAILABLE: [503, 'The service is currently unavailable.'],
} as const;

/** Google's name for each HTTP status. */
const statusNames: ReadonlyMap<number, string> = new Map([
  [400, 'INVALID_ARGUMENT'],
  [401, 'UNAUTHENTICATED'],
  [403, 'PERMISSION_DENIED'],
  [404, 'NOT_FOUND'],
  [429, 'RESOURCE_EXHAUSTED'],
  [500, 'INTERNAL'],
  [503, 'UNAVAILABLE'],
]);

export function answerJson(status: number, body: object, reason: string | null = null): FcmAnswer {
  return { status, contentType: 'application/json; charset=UTF-8', body: JSON.stringify(body), reason };
}

/** An error that names its FcmError code. */
export function answerFcmError(errorCode: FcmErrorCode): FcmAnswer {
  const [status, message] = fcmErrors[errorCode];
  return answerError(status, message, errorCode, [fcmErrorDetail(errorCode)]);
}

/** An error of the platform before FCM: no FcmError among its details. */
export function answerStatus(status: number, message: string): FcmAnswer {
  return answerError(status, message, statusNames.get(status) ?? 'UNKNOWN', []);
}

export function answerViolations(fieldViolations: FieldViolation[]): FcmAnswer {
  const message = fieldViolations.map((violation) => violation.description).join('\n');
  return answerError(400, message, 'INVALID_ARGUMENT', [
    { '@type': 'type.googleapis.com/google.rpc.BadRequest', fieldViolations },
  ]);
}

/** A fault to order: with FcmError details where its reason is such a code, else without. */
export function answerFault(
  status: number,
  reason: string | undefined,
  retryAfter: number | string | undefined,
): FcmAnswer {
  const details = reason !== undefined && Object.hasOwn(fcmErrors, reason) ? [fcmErrorDetail(reason)] : [];
  const name = reason ?? statusNames.get(status) ?? 'UNKNOWN';
  return { ...answerError(status, 'The service answered as it was told to.', name, details), retryAfter };
}

/** What Google's front end says where there is no such page. */
export function answerHtml(status: 404 | 405 | 413): FcmAnswer {
  const body = `<!DOCTYPE html>\n<html lang=en>\n  <title>Error ${status}</title>\n  <p><b>${status}.</b> That’s an error.\n`;
  return { status, contentType: 'text/html; charset=UTF-8', body, reason: `html_${status}` };
}

function answerError(status: number, message: string, reason: string, details: object[]): FcmAnswer {
  const error = {
    code: status,
    message,
    status: statusNames.get(status) ?? 'UNKNOWN',
    ...(details.length > 0 ? { details } : {}),
  };
  return answerJson(status, { error }, reason);
}

function fcmErrorDetail(errorCode: string): object {
  return { '@type': 'type.googleapis.com/google.firebase.fcm.v1.FcmError', errorCode };
}
