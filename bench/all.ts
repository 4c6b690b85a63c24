/** Runs the benches one after the other, since two at once would measure each other. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { sibling } from './child.ts';

const names = ['cpu-per-delta', 'latency', 'heap', 'request-time', 'stall', 'tokeniser', 'prefill-cache'] as const;

for (const name of names) {
  const [status] = await once(fork(sibling(name)), 'exit');
  if (status !== 0) process.exitCode = 1;
}
