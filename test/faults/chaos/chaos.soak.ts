import { performance } from 'node:perf_hooks';
import { test } from 'vitest';
import { describeFigures, expectNothingLeft } from './figures.ts';
import { runChaos } from './run.ts';

const minutes = Number(process.env['SOAK_MINUTES'] ?? 15);
const seed = Number(process.env['SOAK_SEED'] ?? 1);

test(`${minutes} minutes of chaos, seed ${seed}`, async () => {
  const begun = performance.now();
  const minutesPast = () => (performance.now() - begun) / 60_000;
  let told = 0;
  const figures = await runChaos({
    seed,
    goOn(rounds) {
      if (minutesPast() >= told + 1) {
        told = Math.floor(minutesPast());
        console.log(`minute ${told}: ${rounds} rounds`);
      }
      return minutesPast() < minutes;
    },
  });
  console.log(`seed ${seed}, ${minutesPast().toFixed(1)} minutes\n${describeFigures(figures).join('\n')}`);
  expectNothingLeft(figures);
});
