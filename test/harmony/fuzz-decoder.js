/**
 * Decodes random streams of ids, whole and broken, and compares what keeps to the format with the reference
 * implementation:
 *
 *     npm run fuzz:decoder -- --cases 100000 --seed 7
 *
 * The comparison needs a Python that has openai-harmony 0.0.8 (`--python PATH`, else python3) and
 * TIKTOKEN_ENCODINGS_BASE, the directory of its o200k_base.tiktoken; without them it is skipped.
 */
import { parseArgs } from 'node:util';
import { startVitest } from 'vitest/node';

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '1' },
    python: { type: 'string', default: 'python3' },
  },
});
const vitest = await startVitest('test', ['fuzz-decoder'], {
  config: 'test/harmony/fuzz.config.ts',
  watch: false,
  env: { FUZZ_CASES: values.cases, FUZZ_SEED: values.seed, FUZZ_PYTHON: values.python },
});
await vitest.close();
