import type { Answer, Frame } from '../../../src/core/dialect.ts';
import type { TurnEvent } from '../../../src/core/event.ts';
import { openChat } from '../../../src/dialects/chat/index.ts';
import {
  countingIds,
  now,
  patch,
  queued,
  reasoning,
  text,
  toolCall,
  turn,
  weather,
} from '../../support/turn-events.ts';

export function open(body: unknown) {
  return openChat(body, { ids: countingIds(), clock: { now: () => now, elapsed: () => 0 } });
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

export function run(answer: Answer, events: readonly TurnEvent[]): Frame[] {
  return events.flatMap((event) => answer.push(event));
}

/** What a stream's reader sees of frames: the data of all but comments. */
export function dataOf(frames: readonly Frame[]): string[] {
  return frames.map(({ data }) => data).filter((data) => data !== null);
}

/** One answer for every way in which a turn can go: the request's fields beside the question, and what happens. */
export const turns: readonly { name: string; fields: object; events: readonly TurnEvent[] }[] = [
  {
    name: 'a short answer, after a wait',
    fields: {},
    events: [queued, ...turn('stop', text('final', 'Sunny', ', 20 °C.'))],
  },
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
