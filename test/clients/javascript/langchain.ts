import { HumanMessage } from '@langchain/core/messages';
import type { AIMessageChunk, BaseMessage, UsageMetadata } from '@langchain/core/messages';
import { tool } from '@langchain/core/tools';
import type { StructuredToolInterface } from '@langchain/core/tools';
import { ChatOpenAI } from '@langchain/openai';
import { caught, errorOf, prompts } from '../exercises.ts';
import type { Client, Place, Usage } from '../exercises.ts';
import { callLog, parameters, town } from './tools.ts';
import type { CallLog } from './tools.ts';

export const langchainChat = langchain(false);
export const langchainResponses = langchain(true);

function langchain(useResponsesApi: boolean): Client {
  const connect = ({ baseUrl, apiKey, model }: Place, settings: { temperature?: number } = {}) =>
    new ChatOpenAI({ model, apiKey, configuration: { baseURL: baseUrl }, useResponsesApi, maxRetries: 0, ...settings });
  const toolRun = async (place: Place, prompt: string, deltas: string[] | null) => {
    const log = callLog();
    const tools = toolsOf(log);
    const model = connect(place).bindTools(tools);
    const messages: BaseMessage[] = [new HumanMessage(prompt)];
    for (;;) {
      const answer =
        deltas === null ? await model.invoke(messages) : await streamInto(deltas, await model.stream(messages));
      messages.push(answer);
      const calls = answer.tool_calls ?? [];
      if (calls.length === 0) return { text: answer.text, calls: log.calls };
      for (const call of calls) {
        const chosen = tools.find(({ name }) => name === call.name)!;
        messages.push((await chosen.invoke({ ...call, type: 'tool_call' })) as BaseMessage);
      }
    }
  };
  return {
    async text(place) {
      const answer = await connect(place).invoke(prompts.text);
      return { text: answer.text, usage: usageOf(answer) };
    },
    async stream(place) {
      const deltas: string[] = [];
      const answer = await streamInto(deltas, await connect(place).stream(prompts.stream));
      return { deltas, text: answer.text, usage: usageOf(answer) };
    },
    async reasoning(place) {
      const answer = await connect(place).invoke(prompts.reasoning);
      const kept = answer.additional_kwargs as {
        reasoning_content?: string;
        reasoning?: { content?: readonly { text: string }[] };
      };
      const parts = (kept.reasoning?.content ?? []).map(({ text }) => text);
      return { reasoning: kept.reasoning_content ?? parts.join(''), text: answer.text };
    },
    tools: (place) => toolRun(place, prompts.tools, null),
    async 'streamed tools'(place) {
      const deltas: string[] = [];
      return { ...(await toolRun(place, prompts['streamed tools'], deltas)), deltas };
    },
    async conversation(place) {
      const first = await connect(place).invoke(prompts.conversation);
      const { text } = useResponsesApi
        ? await connect(place).invoke(prompts.conversation, {
            previous_response_id: String(first.response_metadata['id']),
          })
        : await connect(place).invoke([
            new HumanMessage(prompts.conversation),
            first,
            new HumanMessage(prompts.conversation),
          ]);
      return { text };
    },
    async 'structured output'(place) {
      const model = connect(place).withStructuredOutput(town, { name: 'town', method: 'jsonSchema', strict: true });
      return { value: await model.invoke(prompts['structured output']) };
    },
    'wrong key': (place) => errorOf(connect(place).invoke(prompts['wrong key'])),
    'bad request': (place) => errorOf(connect(place, { temperature: 3 }).invoke(prompts['bad request'])),
    async 'failure in a stream'(place) {
      const deltas: string[] = [];
      const answer = connect(place).stream(prompts['failure in a stream']);
      const error = await answer.then((stream) => streamInto(deltas, stream)).then(() => null, caught);
      if (error === null) throw new Error('nothing was thrown');
      return { deltas, error };
    },
    async leaving(place) {
      const leaving = new AbortController();
      const deltas: string[] = [];
      const stream = await connect(place).stream(prompts.leaving, { signal: leaving.signal });
      await (async () => {
        for await (const chunk of stream) {
          if (chunk.text !== '') deltas.push(chunk.text);
          if (deltas.length > 0) leaving.abort();
        }
      })().catch((error: unknown) => {
        if (!leaving.signal.aborted) throw error;
      });
      return { deltas };
    },
  };
}

const toolsOf = (log: CallLog): StructuredToolInterface[] => [
  tool(log.get_weather, { name: 'get_weather', description: 'The weather in a city.', schema: parameters.get_weather }),
  tool(log.get_time, { name: 'get_time', description: 'The time in a zone.', schema: parameters.get_time }),
];

async function streamInto(deltas: string[], stream: AsyncIterable<AIMessageChunk>): Promise<AIMessageChunk> {
  let whole: AIMessageChunk | null = null;
  for await (const chunk of stream) {
    if (chunk.text !== '') deltas.push(chunk.text);
    whole = whole === null ? chunk : whole.concat(chunk);
  }
  if (whole === null) throw new Error('the stream was empty');
  return whole;
}

const usageOf = ({ usage_metadata: usage }: { usage_metadata?: UsageMetadata | undefined }): Usage => ({
  inputTokens: usage?.input_tokens ?? 0,
  outputTokens: usage?.output_tokens ?? 0,
});
