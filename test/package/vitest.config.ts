import { defineConfig } from 'vitest/config';

/** `npm run test:package`: the package as somebody gets it. No part of `npm test`, since it installs its dependencies anew. */
export default defineConfig({
  test: {
    pool: 'forks',
    globalSetup: ['test/support/build.ts'],
    include: ['test/package/**/*.package.ts'],
    reporters: ['verbose'],
    testTimeout: 120_000,
    hookTimeout: 600_000,
    allowOnly: false,
  },
});
