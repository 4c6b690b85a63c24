import { expect, test } from 'vitest';
import type { TurnEvent } from '../../src/core/event.ts';
import type { TurnItem } from '../../src/core/turn.ts';
import { createThoughts, hear } from '../../src/gateway/thoughts.ts';
import type { Thoughts } from '../../src/gateway/thoughts.ts';

const tool = { type: 'function', name: 'look', namespace: null } as const;
const call = (callId: string): TurnItem => ({ type: 'tool-call', callId, tool, input: '{}' });
const output = (callId: string): TurnItem => ({ type: 'tool-output', callId, text: 'seen' });
const user: TurnItem = { type: 'message', role: 'user', text: 'look' };

function say(thoughts: Thoughts, events: readonly TurnEvent[]): void {
  const ear = thoughts.listen();
  for (const event of events) hear(ear, [event]);
}

const thinking = (text: string): TurnEvent[] => [{ type: 'reasoning-start' }, { type: 'reasoning-end', text }];
const saying = (phase: 'commentary' | 'final', text: string): TurnEvent[] => [
  { type: 'text-start', phase },
  { type: 'text-end', text },
];
const calling = (callId: string): TurnEvent[] => [
  { type: 'tool-call-start', callId, tool },
  { type: 'tool-call-end', input: '{}' },
];

const think = (thoughts: Thoughts, thought: string, callId: string) =>
  say(thoughts, [...thinking(thought), ...calling(callId)]);

test('what was thought before a call stands before it again when the client left it out', () => {
  const thoughts = createThoughts(1000);
  think(thoughts, 'I should look.', 'call_1');
  expect(thoughts.restore([user, call('call_1'), output('call_1')])).toEqual([
    user,
    { type: 'reasoning', text: 'I should look.' },
    call('call_1'),
    output('call_1'),
  ]);
});

const reasoning = (text: string): TurnItem => ({ type: 'reasoning', text });
const preamble = (text: string): TurnItem => ({ type: 'message', role: 'assistant', text, phase: 'commentary' });

test('it stands before a preamble that the client sends, and not twice where the client sent it', () => {
  const thoughts = createThoughts(1000);
  think(thoughts, 'hm', 'call_1');
  const said: TurnItem = { type: 'message', role: 'assistant', text: 'Let me look.' };
  const whole = [user, reasoning('hm'), said, call('call_1')];
  expect(thoughts.restore([user, said, call('call_1')])).toEqual(whole);
  expect(thoughts.restore(whole)).toEqual(whole);
});

test('thoughts and preambles stand as they were said, however the client joined them', () => {
  const thoughts = createThoughts(1000);
  say(thoughts, [
    ...thinking('one'),
    ...saying('commentary', 'I look.'),
    ...thinking('two'),
    ...saying('commentary', 'Still looking.'),
    ...calling('call_1'),
  ]);
  const texts = [reasoning('one'), preamble('I look.'), reasoning('two'), preamble('Still looking.')];
  const whole = [user, ...texts, call('call_1')];
  const sent: TurnItem[][] = [
    texts,
    // Chat Completions: content, with reasoning or without.
    [preamble('I look.\n\nStill looking.')],
    [reasoning('one\n\ntwo'), preamble('I look.\n\nStill looking.')],
    // Where content must be JSON, preambles are reasoning.
    texts.map((item) => reasoning((item as { text: string }).text)),
    [reasoning('one\n\nI look.\n\ntwo\n\nStill looking.')],
    [],
  ];
  for (const before of sent) expect(thoughts.restore([user, ...before, call('call_1')])).toEqual(whole);
});

test('a client that says something else is believed', () => {
  const thoughts = createThoughts(1000);
  say(thoughts, [...thinking('hm'), ...saying('commentary', 'I look.'), ...calling('call_1')]);
  const edited = [user, reasoning('hm hm'), preamble('I look.'), call('call_1')];
  expect(thoughts.restore(edited)).toEqual(edited);
  expect(thoughts.restore([user, preamble('I look!'), call('call_1')])).toEqual([
    user,
    reasoning('hm'),
    preamble('I look!'),
    call('call_1'),
  ]);
});

test('what led to an answer does not lead to a call behind it', () => {
  const thoughts = createThoughts(1000);
  say(thoughts, [...thinking('hm'), ...saying('final', 'Done.'), ...calling('call_1')]);
  const items = [user, call('call_1'), output('call_1')];
  expect(thoughts.restore(items)).toBe(items);
});

test('a thought belongs to the first of several calls alone', () => {
  const thoughts = createThoughts(1000);
  think(thoughts, 'hm', 'call_1');
  const items = [user, call('call_1'), output('call_1'), call('call_2')];
  expect(thoughts.restore(items).filter((item) => item.type === 'reasoning')).toHaveLength(1);
});

test('the memory is bounded, and the oldest is forgotten first', () => {
  const thoughts = createThoughts(10);
  think(thoughts, 'aaaaaa', 'call_1');
  think(thoughts, 'bbbbbb', 'call_2');
  expect(thoughts.restore([user, call('call_1'), call('call_2')])).toEqual([
    user,
    call('call_1'),
    { type: 'reasoning', text: 'bbbbbb' },
    call('call_2'),
  ]);
});

test('a call that a client repeats has its thoughts back once', () => {
  const thoughts = createThoughts(1000);
  think(thoughts, 'hm', 'call_1');
  const repeated = Array.from({ length: 50 }, () => call('call_1'));
  expect(thoughts.restore([user, ...repeated])).toEqual([user, reasoning('hm'), ...repeated]);
});
