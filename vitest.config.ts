import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // A process per file: ffi-rs must be loaded on a main thread.
    pool: 'forks',
    // One for each core, not one less: they wait for processes and sockets more than they compute.
    maxWorkers: '100%',
    // Tests of the built program and of the native shim must not meet old ones.
    globalSetup: ['test/support/build.ts'],
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    allowOnly: false,
  },
});
