import { defineConfig } from 'vitest/config';

/** `npm run test:clients`: the clients people use, against the built gateway. No part of `npm test`, since it installs them. */
export default defineConfig({
  test: {
    pool: 'forks',
    globalSetup: ['test/support/build.ts'],
    include: ['test/clients/**/*.client.ts'],
    reporters: ['verbose'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    allowOnly: false,
  },
});
