import { Agent, OpenAIProvider, Runner, tool, user } from '@openai/agents';
import { caught, errorOf, prompts } from '../exercises.ts';
import type { Client, Place } from '../exercises.ts';
import { callLog, parameters, town } from './tools.ts';
import type { CallLog } from './tools.ts';

export const agentsResponses = agents(true);
export const agentsChat = agents(false);

function agents(useResponses: boolean): Client {
  /** Traces would go to api.openai.com. */
  const runner = ({ baseUrl, apiKey }: Place) =>
    new Runner({
      modelProvider: new OpenAIProvider({ baseURL: baseUrl, apiKey, useResponses }),
      tracingDisabled: true,
    });
  const agent = ({ model }: Place) => new Agent({ name: 'assistant', model });
  return {
    async text(place) {
      const result = await runner(place).run(agent(place), prompts.text);
      const { inputTokens, outputTokens } = result.runContext.usage;
      return { text: result.finalOutput ?? '', usage: { inputTokens, outputTokens } };
    },
    async stream(place) {
      const result = await runner(place).run(agent(place), prompts.stream, { stream: true });
      const deltas = await deltasOf(result);
      const { inputTokens, outputTokens } = result.runContext.usage;
      return { deltas, text: result.finalOutput ?? '', usage: { inputTokens, outputTokens } };
    },
    async reasoning(place) {
      // From responses it reads summaries only.
      const asking = agent(place).clone({ modelSettings: { reasoning: { summary: 'auto' } } });
      const result = await runner(place).run(asking, prompts.reasoning);
      const thoughts = result.newItems.flatMap((item) =>
        item.type === 'reasoning_item' ? [...(item.rawItem.rawContent ?? []), ...item.rawItem.content] : [],
      );
      return { reasoning: thoughts.map(({ text }) => text).join(''), text: result.finalOutput ?? '' };
    },
    async tools(place) {
      const log = callLog();
      const result = await runner(place).run(agent(place).clone({ tools: toolsOf(log) }), prompts.tools);
      return { text: result.finalOutput ?? '', calls: log.calls };
    },
    async 'streamed tools'(place) {
      const log = callLog();
      const worker = agent(place).clone({ tools: toolsOf(log) });
      const result = await runner(place).run(worker, prompts['streamed tools'], { stream: true });
      const deltas = await deltasOf(result);
      return { text: result.finalOutput ?? '', calls: log.calls, deltas };
    },
    async 'structured output'(place) {
      const writer = new Agent({ name: 'writer', model: place.model, outputType: town });
      const result = await runner(place).run(writer, prompts['structured output']);
      return { value: result.finalOutput };
    },
    async handoff(place) {
      const log = callLog();
      const guide = new Agent({ name: 'guide', model: place.model, tools: toolsOf(log) });
      const desk = Agent.create({ name: 'desk', model: place.model, handoffs: [guide] });
      const result = await runner(place).run(desk, prompts.handoff);
      return { agent: result.lastAgent?.name ?? '', text: String(result.finalOutput), calls: log.calls };
    },
    async conversation(place) {
      const first = await runner(place).run(agent(place), prompts.conversation);
      const { lastResponseId: previousResponseId } = first;
      const second =
        useResponses && previousResponseId !== undefined
          ? await runner(place).run(agent(place), prompts.conversation, { previousResponseId })
          : await runner(place).run(agent(place), [...first.history, user(prompts.conversation)]);
      return { text: second.finalOutput ?? '' };
    },
    'wrong key': (place) => errorOf(runner(place).run(agent(place), prompts['wrong key'])),
    'bad request': (place) =>
      errorOf(runner(place).run(agent(place).clone({ modelSettings: { temperature: 3 } }), prompts['bad request'])),
    async 'failure in a stream'(place) {
      const result = await runner(place).run(agent(place), prompts['failure in a stream'], { stream: true });
      const deltas: string[] = [];
      const error = await deltasOf(result, deltas).then(() => null, caught);
      if (error === null) throw new Error('nothing was thrown');
      return { deltas, error };
    },
    async leaving(place) {
      const leaving = new AbortController();
      const result = await runner(place).run(agent(place), prompts.leaving, { stream: true, signal: leaving.signal });
      const deltas: string[] = [];
      for await (const delta of result.toTextStream()) {
        deltas.push(delta);
        leaving.abort();
      }
      return { deltas };
    },
  };
}

const toolsOf = (log: CallLog) => [
  tool({
    name: 'get_weather',
    description: 'The weather in a city.',
    parameters: parameters.get_weather,
    execute: async (argument) => log.get_weather(argument),
  }),
  tool({
    name: 'get_time',
    description: 'The time in a zone.',
    parameters: parameters.get_time,
    execute: async (argument) => log.get_time(argument),
  }),
];

type Streamed = { toTextStream(): AsyncIterable<string>; readonly completed: Promise<void> };

/** Reads the run to its end, and throws what ended it. */
async function deltasOf(result: Streamed, deltas: string[] = []): Promise<string[]> {
  for await (const delta of result.toTextStream()) deltas.push(delta);
  await result.completed;
  return deltas;
}
