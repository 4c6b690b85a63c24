/**
 * Compares the ids of random texts with tiktoken's:
 *
 *     npm run fuzz:encoding -- --cases 500000 --seed 7
 *
 * needs a Python that has tiktoken (`--python PATH`, else python3); the vocabulary file is the one in node_modules.
 */
import { parseArgs } from 'node:util';
import { startVitest } from 'vitest/node';

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
    python: { type: 'string', default: 'python3' },
  },
});
const vitest = await startVitest('test', ['fuzz-encoding'], {
  config: 'test/harmony/fuzz.config.ts',
  watch: false,
  env: { FUZZ_CASES: values.cases, FUZZ_SEED: values.seed, FUZZ_PYTHON: values.python },
});
await vitest.close();
