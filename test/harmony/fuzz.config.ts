import { defineConfig } from 'vitest/config';

/** The differential fuzzer, run by fuzz.js: it is no part of the test suite, because it needs Python. */
export default defineConfig({
  test: { pool: 'forks', include: ['test/harmony/*.fuzz.ts'], testTimeout: 24 * 3_600_000, reporters: ['verbose'] },
});
