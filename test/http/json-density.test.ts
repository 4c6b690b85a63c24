import { expect, test } from 'vitest';
import { exceededLimit } from '../../src/http/json-density.ts';

/** The number that is counted: the least limit that the text doesn't exceed. */
async function count(text: string): Promise<number> {
  for (let values = 0; ; values++) {
    if ((await exceededLimit(Buffer.from(text), { values, depth: 100 })) === null) return values;
  }
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

test('depth is that of what is open at once', async () => {
  const limits = { values: 100, depth: 3 };
  expect(await exceededLimit(Buffer.from('[[[]],[{"a":[]}],"[[[["]'), { ...limits, depth: 4 })).toBeNull();
  expect(await exceededLimit(Buffer.from('[[[]],[{"a":[]}]]'), limits)).toBe('depth');
  expect(await exceededLimit(Buffer.from('[[[]],[[]],[[]]]'), limits)).toBeNull();
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
  expect(await exceededLimit(text, { values: 10, depth: 10 })).toBeNull();
  done = true;
  await others;
  expect(turns).toBeGreaterThan(50);
});
