import { expect, test } from 'vitest';
import { holdsMoreValues } from '../../src/http/json-density.ts';

/** The number that is counted: the least limit that the text doesn't exceed. */
async function count(text: string): Promise<number> {
  for (let limit = 0; ; limit++) if (!(await holdsMoreValues(Buffer.from(text), limit))) return limit;
}

test.each([
  ['"a, [b], {c}"', 0],
  ['[1,2,3]', 3],
  ['{"a":[],"b":{"c":"d,e"}}', 4],
  ['["\\"", ",", "\\\\", ","]', 4],
  ['["\\\\\\",[", 1]', 2],
  ['"never closed, [', 0],
  ['[[[[', 4],
])('%s counts %i', async (text, values) => {
  expect(await count(text)).toBe(values);
});

test('others go on while a large text is looked at', async () => {
  const text = Buffer.from(`"${'\\"'.repeat(4_000_000)}"`);
  let turns = 0;
  let done = false;
  const others = (async () => {
    while (!done) {
      turns += 1;
      await new Promise(setImmediate);
    }
  })();
  expect(await holdsMoreValues(text, 10)).toBe(false);
  done = true;
  await others;
  expect(turns).toBeGreaterThan(50);
});
