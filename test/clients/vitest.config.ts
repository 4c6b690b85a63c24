import { defineConfig } from 'vitest/config';
import { createTableReporter } from './table.ts';

/** `npm run test:clients`: the clients people use, against the built gateway. No part of `npm test`, since it installs them. */
export default defineConfig({
  test: {
    pool: 'forks',
    globalSetup: ['test/support/build.ts', 'test/clients/install.ts'],
    include: ['test/clients/**/*.client.ts'],
    reporters: ['verbose', createTableReporter()],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    allowOnly: false,
  },
});
