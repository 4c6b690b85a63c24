import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // A process per file: ffi-rs must be loaded on a main thread.
    pool: 'forks',
    // Tests of the built program and of the native shim must not meet old ones.
    globalSetup: ['test/support/build.ts'],
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    allowOnly: false,
  },
});
