import { defineConfig } from 'vitest/config';

/** `npm run test:openapi`: schemathesis against the built gateway. No part of `npm test`, since it is installed from PyPI. */
export default defineConfig({
  test: {
    pool: 'forks',
    globalSetup: ['test/support/build.ts'],
    include: ['test/openapi/**/*.schemathesis.ts'],
    reporters: ['verbose'],
    testTimeout: 15 * 60_000,
    hookTimeout: 60_000,
    allowOnly: false,
  },
});
