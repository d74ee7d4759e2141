// The tests that matter for protocol/, for `npm run test:mutation`: quick ones, which need neither processes nor a network.
// The quickest files come first, because a run ends with the first test that notices the change.
import { defineConfig, type ViteUserConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What comes last, in this order; everything else before it. */
const SLOW = ['second-opinion', 'wycheproof', 'vectors/run', 'property', 'primitives'];

class QuickestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number =>
      SLOW.findIndex((part) => moduleId.includes(part)) + 1;
    return files.sort((a, b) => rank(a) - rank(b) || a.moduleId.localeCompare(b.moduleId));
  }
}

const config: ViteUserConfig = defineConfig({
  test: {
    include: ['test/{codec,content,crypto,registration,vectors,zulip}/**/*.test.ts'],
    // What looks at other things than protocol/: borders, pages, services, the files themselves.
    exclude: [
      'test/zulip/{boundary,opt-in,spec}.test.ts',
      'test/vectors/run/{client-sim,files,readme,spec-*}.test.ts',
    ],
    testTimeout: 20_000,
    isolate: false,
    sequence: { sequencer: QuickestFirst },
  },
});

export default config;
