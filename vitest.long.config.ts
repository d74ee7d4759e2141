// `npm run test:long`: searches that take minutes. Not part of `npm test`.
import { defineConfig, type ViteUserConfig } from 'vitest/config';

const config: ViteUserConfig = defineConfig({
  test: {
    include: ['test/long/**/*.long.ts'],
    reporters: ['verbose', './test/support/closing-line.ts'],
    testTimeout: 30 * 60_000,
    pool: 'forks',
    execArgv: ['--expose-gc'],
    maxWorkers: 2,
  },
});

export default config;
