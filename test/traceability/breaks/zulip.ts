// Zulip's form: appendix C.
import type { Break } from '../breaks.ts';

export const ZULIP_BREAKS: readonly Break[] = [
  {
    id: 'R-ZUL-01',
    file: 'protocol/content/zulip/push-key.ts',
    before: 'history.suitesUsed.some((id) => id !== SECRETBOX_TAG)',
    after: 'history.suitesUsed.some((id) => id === 0xff)',
    test: 'test/zulip/push-key.test.ts',
  },
  {
    id: 'R-ZUL-02',
    file: 'protocol/wire/push-api.ts',
    before: 'export const registrationRequestSchema: z.ZodType<RegistrationRequest> = z.strictObject({',
    after: 'export const registrationRequestSchema: z.ZodType<RegistrationRequest> = z.object({',
    test: 'test/zulip/opt-in.test.ts',
  },
  {
    id: 'R-ZUL-03',
    file: 'protocol/content/zulip/push-key.ts',
    before: 'if (bytes[0] !== SECRETBOX_TAG)',
    after: 'if (bytes[0] === 0xff)',
    test: 'test/zulip/push-key.test.ts',
  },
  {
    id: 'R-ZUL-04',
    file: 'protocol/content/seal/zulip/seal.ts',
    before: 'backend.randomBytes(SECRETBOX_NONCE_BYTES)',
    after: 'new Uint8Array(SECRETBOX_NONCE_BYTES)',
    test: 'test/zulip/seal-open.test.ts',
  },
  {
    id: 'R-ZUL-05',
    file: 'protocol/content/seal/zulip/fit.ts',
    before: 'room, jsonBytes)',
    after: 'room)',
    test: 'test/zulip/fit.test.ts',
  },
  {
    id: 'R-ZUL-06',
    file: 'protocol/content/seal/zulip/fit.ts',
    before: "if (room < 0) throw new ProtocolError('payload_too_large');",
    after:
      "if (room < 0 && named.recipient_type === 'direct') {\n    return fitZulipPayload({ ...named, recipient_user_ids: named.recipient_user_ids.slice(1) });\n  }",
    test: 'test/zulip/fit.test.ts',
  },
  {
    id: 'R-ZUL-07',
    file: 'protocol/content/open/zulip/open.ts',
    before: 'text.length <= ZULIP_ENCRYPTED_DATA_CHARACTERS_MAX ? decodeBase64(text) : null',
    after: 'decodeBase64(text)',
    test: 'test/zulip/seal-open.test.ts',
  },
  {
    id: 'R-ZUL-08',
    file: 'protocol/content/zulip/payload.ts',
    before: '  content: z.string(),',
    after: '  content: z.string().optional(),',
    test: 'test/zulip/payload.test.ts',
  },
  {
    id: 'R-ZUL-09',
    file: 'protocol/content/open/zulip/open.ts',
    before: ' && payload.user_id === key.userId',
    after: '',
    test: 'test/zulip/seal-open.test.ts',
  },
  {
    id: 'R-ZUL-10',
    file: 'protocol/registration/open/zulip/open-registration.ts',
    before:
      "if (zulipTokenId(backend, registration.token) !== sealed.tokenId) throw new ProtocolError('open_failed');",
    after: '',
    test: 'test/zulip/registration.test.ts',
  },
  {
    id: 'R-ZUL-11',
    file: 'protocol/content/seal/zulip/translate.ts',
    before: "if (typeof reference !== 'number') throw new ProtocolError('payload_malformed');",
    after: "if (typeof reference !== 'number') return 0;",
    test: 'test/zulip/fit.test.ts',
  },
];
