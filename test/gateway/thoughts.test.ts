import { expect, test } from 'vitest';
import type { TurnEvent } from '../../src/core/event.ts';
import type { TurnItem } from '../../src/core/turn.ts';
import { createThoughts } from '../../src/gateway/thoughts.ts';
import type { Thoughts } from '../../src/gateway/thoughts.ts';

const tool = { type: 'function', name: 'look', namespace: null } as const;
const call = (callId: string): TurnItem => ({ type: 'tool-call', callId, tool, input: '{}' });
const output = (callId: string): TurnItem => ({ type: 'tool-output', callId, text: 'seen' });
const user: TurnItem = { type: 'message', role: 'user', text: 'look' };

async function think(thoughts: Thoughts, thought: string, callId: string): Promise<void> {
  const events: TurnEvent[] = [
    { type: 'reasoning-start' },
    { type: 'reasoning-end', text: thought },
    { type: 'tool-call-start', callId, tool },
    { type: 'tool-call-end', input: '{}' },
  ];
  async function* batches() {
    for (const event of events) yield [event];
  }
  const passed: TurnEvent[] = [];
  for await (const batch of thoughts.watch(batches())) passed.push(...batch);
  expect(passed).toEqual(events);
}

test('what was thought before a call stands before it again when the client left it out', async () => {
  const thoughts = createThoughts(1000);
  await think(thoughts, 'I should look.', 'call_1');
  expect(thoughts.restore([user, call('call_1'), output('call_1')])).toEqual([
    user,
    { type: 'reasoning', text: 'I should look.' },
    call('call_1'),
    output('call_1'),
  ]);
});

test('it stands before the preamble of the call, and not twice where the client sent it', async () => {
  const thoughts = createThoughts(1000);
  await think(thoughts, 'hm', 'call_1');
  const preamble: TurnItem = { type: 'message', role: 'assistant', text: 'Let me look.' };
  const reasoning: TurnItem = { type: 'reasoning', text: 'hm' };
  expect(thoughts.restore([user, preamble, call('call_1')])).toEqual([user, reasoning, preamble, call('call_1')]);
  expect(thoughts.restore([user, reasoning, preamble, call('call_1')])).toEqual([
    user,
    reasoning,
    preamble,
    call('call_1'),
  ]);
});

test('a thought belongs to the first of several calls alone', async () => {
  const thoughts = createThoughts(1000);
  await think(thoughts, 'hm', 'call_1');
  const items = [user, call('call_1'), output('call_1'), call('call_2')];
  expect(thoughts.restore(items).filter((item) => item.type === 'reasoning')).toHaveLength(1);
});

test('the memory is bounded, and the oldest is forgotten first', async () => {
  const thoughts = createThoughts(10);
  await think(thoughts, 'aaaaaa', 'call_1');
  await think(thoughts, 'bbbbbb', 'call_2');
  expect(thoughts.restore([user, call('call_1'), call('call_2')])).toEqual([
    user,
    call('call_1'),
    { type: 'reasoning', text: 'bbbbbb' },
    call('call_2'),
  ]);
});
