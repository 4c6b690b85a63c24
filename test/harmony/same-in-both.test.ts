import { expect, test } from 'vitest';
import { createEncoding } from '../../src/harmony/encoding.ts';
import { createChatClient, createResponsesClient } from './api-clients.ts';
import type { ApiClient } from './api-clients.ts';
import { converse } from './conversations.ts';
import type { Step } from './conversations.ts';
import { createRandom } from './random.ts';
import type { Random } from './random.ts';
import { alone, chatTools, jsonAnswer, opening, responseFormat, responsesTools, shell, talk } from './talk.ts';

// What both APIs can say is the same to the engine, in whole conversations: the history comes back in each one's own way.

const encoding = createEncoding();
const tried = 6;

/** The same request, as each API writes it. */
type Pair = {
  readonly what: string;
  readonly responses: object;
  readonly chat: object;
  readonly talk?: Omit<Parameters<typeof talk>[1], 'fields'>;
  readonly open?: (client: ApiClient, api: 'responses' | 'chat') => void;
  /** It demands a call, so that it is made only where one comes. */
  readonly demands?: boolean;
};

const tools = { responses: { tools: responsesTools.slice(0, 3) }, chat: { tools: chatTools } };
const withTools = { talk: { recipients: alone } };
/** Requests with the tools and a choice among them. */
function choosing(responses: unknown, chat: unknown, demands = true): Pair {
  return {
    demands,
    what: `tool choice ${JSON.stringify(responses)}`,
    responses: { ...tools.responses, tool_choice: responses },
    chat: { ...tools.chat, tool_choice: chat },
    talk: { recipients: ['functions.exec_command'] },
  };
}

function withFormat(what: string, format: object, chatFormat: object): Pair {
  return {
    what,
    responses: { ...tools.responses, text: { format } },
    chat: { ...tools.chat, response_format: chatFormat },
    talk: { recipients: alone, answer: jsonAnswer },
  };
}

const { format } = responseFormat('answer');
const { type: _, ...schema } = format;
const named = {
  responses: { type: 'function', name: shell.name },
  chat: { type: 'function', function: { name: shell.name } },
};
const allowed = (mode: string) =>
  [
    { type: 'allowed_tools', mode, tools: [named.responses] },
    { type: 'allowed_tools', allowed_tools: { mode, tools: [named.chat] } },
  ] as const;

const pairs: readonly Pair[] = [
  { what: 'nothing special', responses: {}, chat: {} },
  ...['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'].map((effort) => ({
    what: `effort ${effort}`,
    responses: { reasoning: { effort } },
    chat: { reasoning_effort: effort },
    talk: { thinks: effort === 'none' ? 0 : 0.8 },
  })),
  { what: 'tools', ...tools, ...withTools },
  { what: 'tools, developer messages on the way', ...tools, talk: { recipients: alone, developer: 0.5 } },
  {
    what: 'tools, one call at a time',
    responses: { ...tools.responses, parallel_tool_calls: false },
    chat: { ...tools.chat, parallel_tool_calls: false },
    ...withTools,
  },
  {
    what: 'tools and instructions',
    responses: { ...tools.responses, instructions: 'Be brief.' },
    chat: tools.chat,
    ...withTools,
    open(client, api) {
      if (api === 'chat') client.say('developer', 'Be brief.');
    },
  },
  choosing('auto', 'auto', false),
  choosing(...allowed('auto'), false),
  choosing('required', 'required'),
  choosing(named.responses, named.chat),
  choosing(...allowed('required')),
  withFormat('a JSON object', { type: 'json_object' }, { type: 'json_object' }),
  withFormat('a JSON Schema', format, { type: 'json_schema', json_schema: schema }),
];

/** Chat Completions has one place for all thoughts, in front of a preamble; there they stay. */
function thinkingFirst(steps: readonly Step[]): Step[] {
  const isThought = (said: object) => 'channel' in said && said.channel === 'analysis';
  return steps.map((step) => ({
    ...step,
    scripts: step.scripts.map((script) => script.filter((said, at) => at === 0 || !isThought(said))),
  }));
}

async function promptsOf(client: ApiClient, api: 'responses' | 'chat', pair: Pair, random: Random) {
  const { open = () => {}, demands = false } = pair;
  const steps = thinkingFirst(talk(random, { fields: pair[api], ...pair.talk })).map((step) => {
    const calls = step.scripts[0]!.some((said) => 'recipient' in said);
    return calls || !demands ? step : { ...step, fields: tools[api] };
  });
  const asked = await converse(
    encoding,
    [client],
    opening(steps, (asking) => open(asking, api)),
  );
  return asked.map(({ prefill }) => [...prefill]);
}

test.each(pairs)('both APIs give the engine the same: $what', async (pair) => {
  for (let seed = 0; seed < tried; seed += 1) {
    const thoughts = seed % 2 === 0;
    const [responses, chat] = [createResponsesClient({ thoughts, phases: true }), createChatClient({ thoughts })];
    const prompts = await promptsOf(responses, 'responses', pair, createRandom(seed));
    expect(prompts.length).toBeGreaterThan(1);
    expect(await promptsOf(chat, 'chat', pair, createRandom(seed)), `seed ${seed}`).toEqual(prompts);
  }
});
