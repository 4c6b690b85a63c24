import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createWaiting } from '../../src/cli/waiting.ts';

const clear = '\r\u001b[K';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function terminal(isTTY: boolean) {
  const written: string[] = [];
  return { isTTY, write: (text: string) => written.push(text), written };
}

test('a wait at a terminal is shown with its time, and its line is gone when it is over', () => {
  const { written, ...screen } = terminal(true);
  const done = createWaiting(screen, () => Date.now())('reading the prompt');
  vi.advanceTimersByTime(1500);
  expect(written.at(-1)!.startsWith(clear)).toBe(true);
  expect(written.at(-1)).toMatch(/\[ *={4} *\] reading the prompt … 1\.5 s$/);
  const bars = new Set(written.map((line) => /\[[= ]+\]/.exec(line)![0]));
  expect(bars.size).toBeGreaterThan(5);
  expect(new Set([...bars].map((bar) => bar.length)).size).toBe(1);
  done();
  expect(written.at(-1)).toBe(clear);
  done();
  vi.advanceTimersByTime(1000);
  expect(written.filter((line) => line === clear)).toHaveLength(1);
});

test('what is soon there is not shown as waited for', () => {
  const { written, ...screen } = terminal(true);
  const done = createWaiting(screen, () => Date.now())('asking the daemon');
  vi.advanceTimersByTime(300);
  done();
  vi.advanceTimersByTime(1000);
  expect(written).toEqual([]);
});

test('where no terminal is, nothing is shown', () => {
  const { written, ...screen } = terminal(false);
  const done = createWaiting(screen, () => Date.now())('asking the daemon');
  vi.advanceTimersByTime(5000);
  done();
  expect(written).toEqual([]);
});
