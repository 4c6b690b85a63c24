import { defineConfig } from 'vitest/config';

/** The long form of the chaos test, run by soak.js. */
export default defineConfig({
  test: {
    pool: 'forks',
    globalSetup: ['test/support/build.ts'],
    include: ['test/faults/chaos/*.soak.ts'],
    testTimeout: 24 * 3_600_000,
    disableConsoleIntercept: true,
  },
});
