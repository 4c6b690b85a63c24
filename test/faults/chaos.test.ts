import { expect, test } from 'vitest';
import { faults } from './chaos/faults.ts';
import { expectNothingLeft } from './chaos/figures.ts';
import { runChaos } from './chaos/run.ts';

test('whatever happens between gateway and daemon, every request has one clear outcome and nothing is left behind', async () => {
  const figures = await runChaos({ seed: 1, goOn: (rounds) => rounds < faults.length });
  expect(figures.outcomes.get('answered')).toBeGreaterThan(faults.length);
  expectNothingLeft(figures);
}, 300_000);
