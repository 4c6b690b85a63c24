/**
 * The chaos test for as long as one likes:
 *
 *     npm run soak -- --minutes 15 --seed 7
 *
 * Prints its figures, and a line on its progress each minute.
 */
import { parseArgs } from 'node:util';
import { startVitest } from 'vitest/node';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '15' },
    seed: { type: 'string', default: '1' },
  },
});
const minutes = Number(values.minutes);
const seed = Number(values.seed);
if (!(minutes > 0) || !Number.isInteger(seed)) {
  console.error('Usage: npm run soak -- [--minutes N] [--seed N], with more than 0 minutes and a whole number.');
  process.exit(2);
}
const vitest = await startVitest('test', [], {
  config: 'test/faults/chaos/soak.config.ts',
  watch: false,
  env: { SOAK_MINUTES: String(minutes), SOAK_SEED: String(seed) },
});
await vitest.close();
