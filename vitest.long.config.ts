// `npm run test:long`: searches that take minutes. Not part of `npm test`.
import { defineConfig, type ViteUserConfig } from 'vitest/config';

const config: ViteUserConfig = defineConfig({
  test: {
    include: ['test/long/**/*.long.ts'],
    reporters: ['verbose', './test/support/closing-line.ts'],
    testTimeout: 30 * 60_000,
    pool: 'forks',
    // A young generation that is small grows no resident set by itself.
    execArgv: ['--expose-gc', '--max-semi-space-size=2'],
    maxWorkers: 2,
  },
});

export default config;
