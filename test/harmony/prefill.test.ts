import { expect, test } from 'vitest';
import { createEncoding } from '../../src/harmony/encoding.ts';
import { createFrozenDates } from '../../src/harmony/frozen-dates.ts';
import { createPrefiller } from '../../src/harmony/prefill.ts';
import { settings, turn, user } from './turns.ts';

const encoding = createEncoding();

test('short texts are remembered, but no more of them than the memory holds, in one request either', async () => {
  const encoded: string[] = [];
  const prefiller = createPrefiller({
    encodeSteps(text) {
      encoded.push(text);
      return encoding.encodeSteps(text);
    },
    settings,
    dates: createFrozenDates({ today: () => '2026-01-01', limit: 1 }),
    elapsed: () => 0,
    pause: () => Promise.resolve(),
  });
  const words = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, index) => user(`word ${from + index}`));
  await prefiller.prefill(turn({ items: words(0, 5000) }));
  encoded.length = 0;
  await prefiller.prefill(turn({ items: [...words(4990, 5000), ...words(0, 1)] }));
  expect(encoded.filter((text) => text.startsWith('word'))).toEqual(['word 0']);
});
