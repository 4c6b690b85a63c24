import { defineConfig } from 'vitest/config';

/** `npm run test:page`: the page in a real browser, headless Chromium. Without one, every test is skipped and says so. */
export default defineConfig({
  test: {
    pool: 'forks',
    globalSetup: ['test/support/build.ts', 'test/page/find-chromium.ts'],
    include: ['test/page/*.page.ts'],
    reporters: ['verbose'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A browser and a gateway each.
    maxWorkers: 2,
    allowOnly: false,
  },
});
