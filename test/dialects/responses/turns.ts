import type { Answer, Frame } from '../../../src/core/dialect.ts';
import { GatewayError } from '../../../src/core/errors.ts';
import type { TurnEvent } from '../../../src/core/event.ts';
import type { Clock, Ids } from '../../../src/core/ids.ts';
import type { ToolReference } from '../../../src/core/turn.ts';
import { openResponse } from '../../../src/dialects/responses/index.ts';
import { exactSeals } from '../../support/seals.ts';
import {
  countingIds,
  end,
  now,
  patch,
  queued,
  reasoning,
  start,
  text,
  toolCall,
  turn,
  weather,
} from '../../support/turn-events.ts';

/** A clock that moves on by two seconds each time it is read. */
function exactContext(): { ids: Ids; clock: Clock } {
  let time = now - 2000;
  return {
    ids: countingIds(),
    clock: { now: () => (time += 2000), elapsed: () => 0 },
  };
}

export function open(body: unknown, options: { readonly attachments?: 'placeholder' | 'refuse' } = {}) {
  return openResponse(body, { ...exactContext(), seals: exactSeals(), attachments: 'placeholder', ...options });
}

export const question = { model: 'gpt-oss-20b', input: 'What is the weather?' };

export const weatherTool = {
  type: 'function',
  name: 'get_weather',
  description: 'Weather of a place',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  strict: false,
};

export const patchTool = {
  type: 'custom',
  name: 'apply_patch',
  description: 'Changes files',
  format: { type: 'grammar', syntax: 'lark', definition: 'start: "x"' },
};

export const namespaced: ToolReference = { type: 'function', name: 'lookup', namespace: 'crm' };
/** What can happen to an answer: an event, silence, failure. */
export type Step =
  | TurnEvent
  | { readonly type: 'silence' }
  | { readonly type: 'failure'; readonly error: GatewayError };

export const silence: Step = { type: 'silence' };
export const failure: Step = {
  type: 'failure',
  error: new GatewayError('backend_lost', 'The engine went away.'),
};

export function run(answer: Answer, steps: readonly Step[]): Frame[] {
  return steps.flatMap((step) => {
    switch (step.type) {
      case 'silence':
        return [answer.keepAlive()];
      case 'failure':
        return answer.fail(step.error);
      default:
        return answer.push(step);
    }
  });
}

/** What the frames say, parsed. */
export function eventsOf(frames: readonly Frame[]): Record<string, any>[] {
  return frames.map(({ data }) => JSON.parse(data!));
}

/** One answer for every way in which a turn can go: the request's fields beside the question, and what happens. */
export const turns: readonly { name: string; fields: object; steps: readonly Step[] }[] = [
  { name: 'a short answer', fields: {}, steps: turn('stop', text('final', 'Sunny', ', 20 °C.')) },
  { name: 'no text at all', fields: {}, steps: turn('stop', text('final')) },
  { name: 'nothing at all', fields: {}, steps: turn('stop') },
  {
    name: 'reasoning, then the answer, after a wait',
    fields: { instructions: 'Be brief.', reasoning: { effort: 'high' }, prompt_cache_key: 'thread-1' },
    steps: [
      queued,
      { type: 'turn-queued', position: 2 },
      ...turn('stop', reasoning('Hm', 'm.'), text('final', 'Sun.')),
    ],
  },
  {
    name: 'reasoning as a summary, sealed',
    fields: { reasoning: { summary: 'auto' }, include: ['reasoning.encrypted_content'] },
    steps: turn('stop', reasoning('Hm', 'm.'), text('final', 'Sun.')),
  },
  {
    name: 'reasoning as it is, sealed',
    fields: { include: ['reasoning.encrypted_content'] },
    steps: turn('stop', reasoning('Hm', 'm.'), text('final', 'Sun.')),
  },
  {
    name: 'a conversation that is compacted',
    fields: { input: [{ role: 'user', content: 'Long.' }, { type: 'compaction_trigger' }] },
    steps: turn('stop', reasoning('Hm.'), text('commentary', 'So.'), text('final', 'What ', 'was said.')),
  },
  {
    name: 'a preamble and calls of every kind',
    fields: {
      tools: [
        weatherTool,
        patchTool,
        { type: 'namespace', name: 'crm', description: 'Customers', tools: [{ type: 'function', name: 'lookup' }] },
        { type: 'web_search' },
      ],
      tool_choice: { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'function', name: 'get_weather' }] },
    },
    steps: turn(
      'tool-calls',
      reasoning('Call it.'),
      text('commentary', 'Let me ', 'look.'),
      toolCall('call_a', weather, '{"city":', '"Paris"}'),
      toolCall('call_b', namespaced, '{}'),
      toolCall('call_c', patch, '*** Begin\n', '"quoted"\n*** End'),
    ),
  },
  {
    name: 'a call without arguments',
    fields: { tools: [weatherTool], tool_choice: 'required' },
    steps: turn('tool-calls', toolCall('call_a', weather)),
  },
  {
    name: 'an answer cut off by the limit',
    fields: { max_output_tokens: 30 },
    steps: turn('length', reasoning('Long.'), text('final', 'It is')),
  },
  { name: 'reasoning cut off by the limit', fields: {}, steps: turn('length', reasoning('Hm')) },
  {
    name: 'a preamble where messages must be JSON',
    fields: { text: { format: { type: 'json_object' } } },
    steps: turn('stop', text('commentary', 'Let me see.'), text('final', '{"a"', ':1}')),
  },
  {
    name: 'silence in every state',
    fields: {},
    steps: [
      silence,
      queued,
      silence,
      start,
      silence,
      ...reasoning('Hm').slice(0, 2),
      silence,
      ...reasoning('')
        .slice(-1)
        .map((event): TurnEvent => ({ ...event, text: 'Hm' }) as TurnEvent),
      silence,
      ...text('final', 'So ', 'it is.').slice(0, 2),
      silence,
      ...text('final', 'it is.').slice(1, 2),
      { type: 'text-end', text: 'So it is.' },
      silence,
      end('stop'),
    ],
  },
  { name: 'failure before anything', fields: {}, steps: [failure] },
  { name: 'failure in the queue', fields: {}, steps: [queued, failure] },
  {
    name: 'failure within a text',
    fields: { text: { format: { type: 'json_object' }, verbosity: 'low' } },
    steps: [start, ...reasoning('Hm.'), ...text('final', '{"a"').slice(0, 2), failure],
  },
  {
    name: 'failure within a call',
    fields: { tools: [weatherTool] },
    steps: [start, ...toolCall('call_a', weather, '{"ci').slice(0, 2), failure],
  },
  { name: 'failure after a text', fields: {}, steps: [start, ...text('commentary', 'Now then.'), failure] },
  {
    name: 'letters that lines, quotes and JSON are made of',
    fields: {
      metadata: { key: 'a\u2028b' },
      user: 'me',
      temperature: 0,
      top_p: 0.5,
      text: {
        format: {
          type: 'json_schema',
          name: 'answer',
          schema: { type: 'object', additionalProperties: false },
          strict: true,
        },
      },
    },
    steps: turn(
      'stop',
      reasoning('\ud800'),
      text('final', 'a\u2028b\u2029c\u0085d\r\n"\\ \u0000\t', '🙂</script>', '[DONE]'),
    ),
  },
];
