import { describe, expect, test } from 'vitest';
import type { Turn, TurnItem } from '../../src/core/turn.ts';
import { conversationOf } from '../../src/harmony/conversation.ts';
import { completionSegments, segmentsOf } from '../../src/harmony/render.ts';
import type { Segment } from '../../src/harmony/render.ts';
import { randomTurn } from './random-turn.ts';
import { createRandom } from './random.ts';
import type { Random } from './random.ts';
import { assistant, call, developer, functionTool, output, settings, thought, turn, user } from './turns.ts';

// The engine reads only what its cache does not hold: a turn must begin with what the turn before it was.

const rendering = (items: readonly TurnItem[], changes: Partial<Turn> = {}) =>
  segmentsOf(conversationOf(turn({ items, tools, ...changes }), settings).messages);
const tools = [functionTool('f'), functionTool('g', { namespace: 'ns' })];

/** How many segments two renderings begin with in common. */
function common(one: readonly Segment[], other: readonly Segment[]): number {
  const index = one.findIndex((segment, at) => segment !== other[at]);
  return index === -1 ? one.length : index;
}

/** The requests of an agent's conversation: each holds the one before and what was said since. */
function requestsOf(random: Random): { readonly items: TurnItem[]; readonly answered: boolean }[] {
  const items: TurnItem[] = [developer('Be brief.')];
  const requests: { items: TurnItem[]; answered: boolean }[] = [];
  let calls = 0;
  const exchanges = 1 + random.below(4);
  for (let exchange = 0; exchange < exchanges; exchange += 1) {
    items.push(user(`question ${exchange}`));
    if (random.chance(0.3)) items.push(developer(`note ${exchange}`));
    requests.push({ items: [...items], answered: exchange > 0 });
    const steps = random.below(4);
    for (let step = 0; step < steps; step += 1) {
      if (random.chance(0.7)) items.push(thought(`thought ${exchange}.${step}`));
      if (random.chance(0.4)) items.push(assistant(`preamble ${exchange}.${step}`));
      const ids = random.list(1, 3, () => `call_${(calls += 1)}`);
      for (const id of ids) items.push(call(id, 'f', `{"n":${calls}}`));
      for (const id of random.chance(0.5) ? ids : ids.toReversed()) items.push(output(id, `result of ${id}`));
      requests.push({ items: [...items], answered: exchange > 0 });
    }
    if (random.chance(0.7)) items.push(thought(`last thought ${exchange}`));
    items.push(assistant(`answer ${exchange}`));
  }
  return requests;
}

describe('a turn', () => {
  test('begins with the turn before it, but for the thoughts that the first answer makes superfluous', () => {
    for (let seed = 0; seed < 300; seed += 1) {
      const requests = requestsOf(createRandom(seed));
      for (const [index, request] of requests.slice(1).entries()) {
        const before = requests[index]!;
        const earlier = rendering(before.items);
        const later = rendering(request.items);
        if (before.answered === request.answered) {
          expect(common(earlier, later)).toBe(earlier.length);
        } else {
          // `<|start|>assistant<|channel|>` may still be the same.
          const firstThought = earlier.indexOf('analysis');
          const kept = firstThought === -1 ? earlier.length : firstThought - 3;
          expect(common(earlier, later)).toBeGreaterThanOrEqual(kept);
        }
      }
    }
  });

  test('keeps what stands before a tool choice when the choice changes', () => {
    const items = [developer('a'), user('b')];
    const free = rendering(items);
    for (const toolChoice of [
      { type: 'required' },
      { type: 'named', tool: tools[0]! },
      { type: 'allowed', mode: 'auto', tools: [tools[1]!] },
    ] as const) {
      expect(common(free, rendering(items, { toolChoice }))).toBe(free.length);
    }
  });

  test('is rendered the same when only what the model is not shown differs', () => {
    for (let seed = 0; seed < 100; seed += 1) {
      const one = randomTurn(createRandom(seed));
      const other: Turn = {
        ...structuredClone(one),
        temperature: 0,
        maxOutputTokens: 5,
        stop: ['x'],
        model: 'other',
        parallelToolCalls: false,
      };
      const segments = (given: Turn) => completionSegments(conversationOf(given, settings).messages);
      expect(segments(other)).toEqual(segments(one));
    }
  });
});
