// What runs in the browser: the tests of the vectors, as they are, with what bundle.ts puts in the place of vitest.
import '../vectors/run/challenge.test.ts';
import '../vectors/run/encodings.test.ts';
import '../vectors/run/judgement.test.ts';
import '../vectors/run/key-list.test.ts';
import '../vectors/run/notification.test.ts';
import '../vectors/run/push-token.test.ts';
import '../vectors/run/scenario.test.ts';
import '../vectors/run/zulip-secretbox.test.ts';
import { runDeclared } from './vitest-shim.ts';

await fetch('/results', { method: 'POST', body: JSON.stringify(await runDeclared()) });
