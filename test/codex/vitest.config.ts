import { defineConfig } from 'vitest/config';

/** `npm run test:codex`: the real Codex CLI against the built gateway. No part of `npm test`, since it installs 400 MB. */
export default defineConfig({
  test: {
    pool: 'forks',
    globalSetup: ['test/support/build.ts', 'test/codex/install.ts'],
    include: ['test/codex/*.codex.ts'],
    reporters: ['verbose'],
    testTimeout: 120_000,
    hookTimeout: 60_000,
    allowOnly: false,
  },
});
