import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { generateText, isStepCount, Output, streamText, tool } from 'ai';
import type { LanguageModel, LanguageModelUsage } from 'ai';
import { caught, errorOf, prompts } from '../exercises.ts';
import type { Client, Place, Usage } from '../exercises.ts';
import { callLog, parameters, town } from './tools.ts';
import type { CallLog } from './tools.ts';

export const aiSdkResponses = aiSdk(({ baseUrl, apiKey, model }) =>
  createOpenAI({ baseURL: baseUrl, apiKey }).responses(model),
);

export const aiSdkChat = aiSdk(({ baseUrl, apiKey, model }) => createOpenAI({ baseURL: baseUrl, apiKey }).chat(model));

export const aiSdkCompatible = aiSdk(({ baseUrl, apiKey, model }) =>
  createOpenAICompatible({
    name: 'codexpc',
    baseURL: baseUrl,
    apiKey,
    includeUsage: true,
    supportsStructuredOutputs: true,
  })(model),
);

/** The SDK's own functions are the same whichever provider has made the model. */
function aiSdk(connect: (place: Place) => LanguageModel): Client {
  const settings = (place: Place) => ({ model: connect(place), maxRetries: 0 });
  return {
    async text(place) {
      const { text, usage } = await generateText({ ...settings(place), prompt: prompts.text });
      return { text, usage: usageOf(usage) };
    },
    async stream(place) {
      const result = streamText({ ...settings(place), prompt: prompts.stream });
      const deltas: string[] = [];
      for await (const delta of result.textStream) deltas.push(delta);
      return { deltas, text: await result.text, usage: usageOf(await result.usage) };
    },
    async reasoning(place) {
      const { reasoningText, text } = await generateText({
        ...settings(place),
        prompt: prompts.reasoning,
        // It reads summaries only, and asks models that it doesn't know for none.
        providerOptions: { openai: { forceReasoning: true, reasoningSummary: 'auto' } },
      });
      return { reasoning: reasoningText ?? '', text };
    },
    async tools(place) {
      const log = callLog();
      const { text } = await generateText({
        ...settings(place),
        prompt: prompts.tools,
        tools: toolsOf(log),
        stopWhen: isStepCount(5),
      });
      return { text, calls: log.calls };
    },
    async 'streamed tools'(place) {
      const log = callLog();
      const result = streamText({
        ...settings(place),
        prompt: prompts['streamed tools'],
        tools: toolsOf(log),
        stopWhen: isStepCount(5),
      });
      const deltas: string[] = [];
      for await (const delta of result.textStream) deltas.push(delta);
      return { text: await result.text, calls: log.calls, deltas };
    },
    async conversation(place) {
      const question = { role: 'user' as const, content: prompts.conversation };
      const { response } = await generateText({ ...settings(place), messages: [question] });
      const messages = [question, ...response.messages, question];
      const { text } = await generateText({ ...settings(place), messages });
      return { text };
    },
    async 'structured output'(place) {
      const { output } = await generateText({
        ...settings(place),
        prompt: prompts['structured output'],
        output: Output.object({ schema: town, name: 'town' }),
      });
      return { value: output };
    },
    'wrong key': (place) => errorOf(generateText({ ...settings(place), prompt: prompts['wrong key'] })),
    'bad request': (place) =>
      errorOf(generateText({ ...settings(place), prompt: prompts['bad request'], temperature: 3 })),
    async 'failure in a stream'(place) {
      const errors: unknown[] = [];
      const result = streamText({
        ...settings(place),
        prompt: prompts['failure in a stream'],
        onError: ({ error }) => void errors.push(error),
      });
      const deltas: string[] = [];
      for await (const delta of result.textStream) deltas.push(delta);
      if (errors.length === 0) throw new Error('no error was reported');
      return { deltas, error: caught(errors[0]) };
    },
    async leaving(place) {
      const leaving = new AbortController();
      const result = streamText({ ...settings(place), prompt: prompts.leaving, abortSignal: leaving.signal });
      const deltas: string[] = [];
      for await (const delta of result.textStream) {
        deltas.push(delta);
        leaving.abort();
      }
      return { deltas };
    },
  };
}

const toolsOf = (log: CallLog) => ({
  get_weather: tool({ inputSchema: parameters.get_weather, execute: log.get_weather }),
  get_time: tool({ inputSchema: parameters.get_time, execute: log.get_time }),
});

const usageOf = (usage: LanguageModelUsage): Usage => ({
  inputTokens: usage.inputTokens ?? 0,
  outputTokens: usage.outputTokens ?? 0,
});
