import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createEncoding } from '../../src/harmony/encoding.ts';
import { commonPrefix } from '../../src/scheduler/common-prefix.ts';
import { converse } from './conversations.ts';
import type { Asked } from './conversations.ts';
import { comparePrefixes, reasons } from './prefix-losses.ts';
import type { Reason } from './prefix-losses.ts';
import { createRandom } from './random.ts';
import { shapes } from './shapes.ts';

// The engine reuses its cache for the longest common prefix of what it holds, which is the last prefill and all that it
// sampled. A whole conversation goes through the whole gateway here; the clients are those of the APIs, and the
// model speaks in the tokens that GPT-OSS samples.

const encoding = createEncoding();
/** Conversations of each shape. */
const tried = 8;

describe('a turn extends what the engine holds, but for what the rules cost', () => {
  test.each(shapes)('in the shape: $name', async (shape) => {
    const { name, clients, steps, losses } = shape;
    const met = new Set<Reason>();
    for (let seed = 0; seed < (shape.tried ?? tried); seed += 1) {
      const asked = await converse(encoding, clients(), steps(createRandom(seed)));
      const last = new Map<number, Asked>();
      for (const [index, turn] of asked.entries()) {
        const before = last.get(turn.client);
        last.set(turn.client, turn);
        if (before === undefined) continue;
        const { loss, unexplained } = comparePrefixes(encoding, before, turn);
        if (unexplained !== null) expect.fail(`${name}, seed ${seed}, request ${index}: ${unexplained}`);
        if (loss !== null) met.add(loss.reason);
      }
    }
    expect([...met].toSorted()).toEqual([...losses].toSorted());
  });
});

test('the cached tokens of a turn are those that its prefill shares with what the engine holds', async () => {
  for (const { clients, steps } of shapes) {
    const asked = await converse(encoding, clients(), steps(createRandom(1)));
    for (const [index, turn] of asked.entries()) {
      if (turn.failed !== null || turn.cachedTokens === null) continue;
      const before = asked[index - 1];
      const held = before === undefined ? [] : [...before.prefill, ...before.sampled];
      expect(turn.cachedTokens).toBe(commonPrefix(Uint32Array.from(held), turn.prefill));
    }
  }
});

test('the document has every reason for a loss, and no other', () => {
  const document = readFileSync(new URL('../../docs/harmony.md', import.meta.url), 'utf8');
  const section = document.split('## Prefix stability\n')[1]!.split('\n## ')[0]!;
  const rows = section.split('\n').filter((line) => line.startsWith('| `'));
  const expected = Object.entries(reasons).map(([name, what]) => `| \`${name}\` | ${what.replaceAll('|', '\\|')} |`);
  expect(rows).toEqual(expected);
});
