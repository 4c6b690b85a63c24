import type { Clock, Ids } from '../../../src/core/ids.ts';
import type { Answer, Frame } from '../../../src/core/dialect.ts';
import type { EndReason, TurnEvent } from '../../../src/core/event.ts';
import type { ToolReference } from '../../../src/core/turn.ts';
import { openChat } from '../../../src/dialects/chat/index.ts';

/** 2025-11-24T00:00:00.900Z: the fraction must not show in `created`. */
export const now = 1_763_942_400_900;

function exactContext(): { ids: Ids; clock: Clock } {
  let count = 0;
  return {
    ids: { next: (prefix) => `${prefix}_${(count += 1).toString().padStart(24, '0')}` },
    clock: { now: () => now, elapsed: () => 0 },
  };
}

export function open(body: unknown) {
  return openChat(body, exactContext());
}

export const question = { model: 'gpt-oss-20b', messages: [{ role: 'user', content: 'What is the weather?' }] };

export const weatherTool = {
  type: 'function',
  function: {
    name: 'get_weather',
    description: 'Weather of a place',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
};

export const patchTool = { type: 'custom', custom: { name: 'apply_patch', description: 'Changes files' } };

function reasoning(...deltas: string[]): TurnEvent[] {
  return [
    { type: 'reasoning-start' },
    ...deltas.map((text): TurnEvent => ({ type: 'reasoning-delta', text })),
    { type: 'reasoning-end', text: deltas.join('') },
  ];
}

export function text(phase: 'commentary' | 'final', ...deltas: string[]): TurnEvent[] {
  return [
    { type: 'text-start', phase },
    ...deltas.map((delta): TurnEvent => ({ type: 'text-delta', text: delta })),
    { type: 'text-end', text: deltas.join('') },
  ];
}

export function toolCall(callId: string, tool: ToolReference, ...deltas: string[]): TurnEvent[] {
  return [
    { type: 'tool-call-start', callId, tool },
    ...deltas.map((delta): TurnEvent => ({ type: 'tool-call-delta', text: delta })),
    { type: 'tool-call-end', input: deltas.join('') },
  ];
}

export const weather: ToolReference = { type: 'function', name: 'get_weather', namespace: null };
const patch: ToolReference = { type: 'custom', name: 'apply_patch', namespace: null };

export function turn(reason: EndReason, ...blocks: TurnEvent[][]): TurnEvent[] {
  return [
    { type: 'turn-queued', position: 1 },
    { type: 'turn-start', inputTokens: 100, cachedTokens: 60 },
    ...blocks.flat(),
    {
      type: 'turn-end',
      reason,
      usage: { inputTokens: 100, cachedTokens: 60, outputTokens: 30, reasoningTokens: 12 },
    },
  ];
}

export function run(answer: Answer, events: readonly TurnEvent[]): Frame[] {
  return events.flatMap((event) => answer.push(event));
}

/** What a stream's reader sees of frames: the data of all but comments. */
export function dataOf(frames: readonly Frame[]): string[] {
  return frames.map(({ data }) => data).filter((data) => data !== null);
}

/** One answer for every way in which a turn can go: the request's fields beside the question, and what happens. */
export const turns: readonly { name: string; fields: object; events: readonly TurnEvent[] }[] = [
  { name: 'a short answer', fields: {}, events: turn('stop', text('final', 'Sunny', ', 20 °C.')) },
  { name: 'no text at all', fields: {}, events: turn('stop', text('final')) },
  {
    name: 'reasoning cut off by the limit, tools given',
    fields: { tools: [weatherTool] },
    events: turn('length', reasoning('Hm', 'm')),
  },
  {
    name: 'reasoning twice, then the answer',
    fields: {},
    events: turn('stop', reasoning('One.'), reasoning('Two.'), text('final', 'Done.')),
  },
  {
    name: 'a preamble and two calls',
    fields: { tools: [weatherTool, patchTool] },
    events: turn(
      'tool-calls',
      reasoning('Call it.'),
      text('commentary', 'Let me ', 'look.'),
      toolCall('call_a', weather, '{"city":', '"Paris"}'),
      toolCall('call_b', patch, '*** Begin\n', '"quoted"\n*** End'),
    ),
  },
  {
    name: 'a call and nothing else',
    fields: { tools: [weatherTool] },
    events: turn('tool-calls', toolCall('call_a', weather, '{}')),
  },
  {
    name: 'a call without arguments',
    fields: { tools: [weatherTool] },
    events: turn('tool-calls', toolCall('call_a', weather)),
  },
  {
    name: 'a legacy function call',
    fields: { functions: [weatherTool.function] },
    events: turn('tool-calls', reasoning('Call.'), toolCall('call_a', weather, '{"city":', '"Rome"}')),
  },
  {
    name: 'a preamble, then the answer',
    fields: {},
    events: turn('stop-text', text('commentary', 'First this.'), text('final', 'Then that.')),
  },
  {
    name: 'a preamble where the content must be JSON',
    fields: { response_format: { type: 'json_object' } },
    events: turn('stop', reasoning('Think.'), text('commentary', 'Let me see.'), text('final', '{"a"', ':1}')),
  },
  {
    name: 'letters that lines, quotes and JSON are made of',
    fields: { service_tier: 'flex' },
    events: turn('stop', text('final', 'a\u2028b\u2029c\u0085d\n"\\ \u0000\t', '🙂</script>', '[DONE]')),
  },
];
