import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

// It has a part of each kind in it: the built gateway, the daemon's double, and parts of the gateway put together.
test('the bench of processor time runs to its end', { timeout: 300_000 }, async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [
    'scripts/run-ts.js',
    'bench/cpu-per-delta.ts',
    '--quick',
  ]);
  expect(stdout.match(/^Processor time per delta: .*$/gm)).toHaveLength(3);
  expect(stdout).not.toContain('NaN');
});
