// The whole of notification-01.json and notification-02.json.
import { SUITE_X25519_PSK, SUITE_XWING_PSK, type Suite } from '../../../../protocol/wire/suites.ts';
import type { NotificationFile } from '../../shape/notification.ts';
import { countResults, everyThird, flagsOf } from '../told.ts';
import { acceptedCases } from './accepted.ts';
import { bindingCases } from './binding.ts';
import { cborCases } from './cbor.ts';
import { epochCases, paddingCases } from './epochs.ts';
import { makeField } from './field.ts';
import { headerCases } from './header.ts';
import { schemaCases } from './schema.ts';
import { tamperedCases } from './tampered.ts';

export function notificationFiles(): Record<string, NotificationFile> {
  return {
    'notification-01.json': notificationFile(SUITE_X25519_PSK, 'n01'),
    'notification-02.json': notificationFile(SUITE_XWING_PSK, 'n02'),
  };
}

function notificationFile(suite: Suite, prefix: string): NotificationFile {
  const field = makeField(suite, prefix);
  const schema = schemaCases(field);
  const cases = [
    ...acceptedCases(field),
    ...epochCases(field),
    ...headerCases(field),
    ...tamperedCases(field),
    ...bindingCases(field),
    ...paddingCases(field),
    ...cborCases(field),
    ...(suite.id === SUITE_X25519_PSK.id ? schema : everyThird(schema)),
  ];
  return {
    protocol: 'sealed-push/1',
    kind: 'notification',
    note: `Envelopes of suite 0x0${suite.id}, ${suite.name}, one per case. Bytes are in hexadecimal.`,
    suite: suite.id,
    flags: flagsOf(cases),
    counts: countResults(cases),
    cases,
  };
}
