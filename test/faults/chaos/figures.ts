import { expect } from 'vitest';
import type { Figures } from './run.ts';

/** Bytes by which memory may be more after a run: what code and caches take that were used for the first time. */
const allowedGrowth = 16 * 1024 * 1024;

const megabytes = (bytes: number) => `${(bytes / 1024 / 1024).toFixed(1)} MB`;
const byCount = (counts: ReadonlyMap<string, number>) =>
  [...counts].toSorted(([, one], [, other]) => other - one).map(([name, times]) => `  ${times} ${name}`);

/** The lines of a report. */
export function describeFigures(figures: Figures): string[] {
  const { before, after } = figures;
  return [
    `${figures.rounds} rounds, ${figures.turns} turns, ${figures.events} events, ${figures.frames} frames of the daemon`,
    'faults',
    ...byCount(figures.faults),
    'outcomes',
    ...byCount(figures.outcomes),
    `file descriptors ${before.descriptors} before, ${after.descriptors} after`,
    `threads ${before.threads} before, ${after.threads} after`,
    `memory ${megabytes(before.memory)} before, ${megabytes(after.memory)} after`,
  ];
}

/** What the process has in use is what it had: threads and descriptors exactly, memory within `allowedGrowth`. */
export function expectNothingLeft({ before, after }: Figures): void {
  expect(after.descriptors).toBe(before.descriptors);
  expect(after.threads).toBe(before.threads);
  expect(after.memory - before.memory).toBeLessThan(allowedGrowth);
}
