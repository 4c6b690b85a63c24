/**
 * Runs a fuzzer against a Python peer: `render` and `decoder` against the reference implementation of Harmony,
 * `encoding` against tiktoken.
 *
 *     npm run fuzz:harmony -- --cases 20000 --seed 7
 *     npm run fuzz:encoding -- --cases 500000 --seed 7
 *     npm run fuzz:decoder -- --cases 100000 --seed 7
 *
 * needs a Python (`--python PATH`, else python3) that has openai-harmony 0.0.8 or tiktoken; what is missing is said, and
 * only the comparison is left out. openai-harmony finds its vocabulary, o200k_base.tiktoken, in the directory that
 * TIKTOKEN_ENCODINGS_BASE names.
 */
import { parseArgs } from 'node:util';
import { startVitest } from 'vitest/node';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    cases: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '1' },
    python: { type: 'string', default: 'python3' },
  },
});
const [fuzzer] = positionals;
if (!['render', 'encoding', 'decoder'].includes(fuzzer)) {
  console.error('Usage: node test/harmony/fuzz.js render|encoding|decoder [--cases N] [--seed N] [--python PATH]');
  process.exit(2);
}
const vitest = await startVitest('test', [`fuzz-${fuzzer}`], {
  config: 'test/harmony/fuzz.config.ts',
  watch: false,
  env: { FUZZ_CASES: values.cases, FUZZ_SEED: values.seed, FUZZ_PYTHON: values.python },
});
await vitest.close();
