import { defineConfig, type ViteUserConfig } from 'vitest/config';

const config: ViteUserConfig = defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    reporters: ['default', './test/support/closing-line.ts'],
    testTimeout: 40_000,
    hookTimeout: 40_000,
    pool: 'forks',
    maxWorkers: 2,
  },
});

export default config;
