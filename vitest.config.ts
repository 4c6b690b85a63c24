import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // A process per file: ffi-rs must be loaded on a main thread.
    pool: 'forks',
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    allowOnly: false,
  },
});
