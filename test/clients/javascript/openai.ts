import OpenAI from 'openai';
import { zodFunction, zodResponseFormat, zodTextFormat } from 'openai/helpers/zod';
import type { ResponseInput } from 'openai/resources/responses/responses';
import { z } from 'zod';
import { caught, errorOf, prompts } from '../exercises.ts';
import type { Caught, Client, Place, Usage } from '../exercises.ts';
import { callLog, parameters, runTool, town } from './tools.ts';
import type { CallLog } from './tools.ts';

const connect = ({ baseUrl, apiKey }: Place) => new OpenAI({ baseURL: baseUrl, apiKey, maxRetries: 0 });

const chatUsage = (usage: OpenAI.CompletionUsage | null | undefined): Usage => ({
  inputTokens: usage?.prompt_tokens ?? 0,
  outputTokens: usage?.completion_tokens ?? 0,
});

export const openaiChat: Client = {
  async text(place) {
    const completion = await connect(place).chat.completions.create(chat(place, prompts.text));
    return { text: completion.choices[0]!.message.content!, usage: chatUsage(completion.usage) };
  },
  async stream(place) {
    const stream = connect(place).chat.completions.stream({
      ...chat(place, prompts.stream),
      stream_options: { include_usage: true },
    });
    const deltas: string[] = [];
    stream.on('content', (delta) => void deltas.push(delta));
    const completion = await stream.finalChatCompletion();
    return { deltas, text: completion.choices[0]!.message.content!, usage: chatUsage(completion.usage) };
  },
  async reasoning(place) {
    const completion = await connect(place).chat.completions.create(chat(place, prompts.reasoning));
    const message = completion.choices[0]!.message as { content: string; reasoning_content?: string };
    return { reasoning: message.reasoning_content ?? '', text: message.content };
  },
  async tools(place) {
    const log = callLog();
    const runner = connect(place).chat.completions.runTools({ ...chat(place, prompts.tools), tools: chatTools(log) });
    return { text: (await runner.finalContent()) ?? '', calls: log.calls };
  },
  async 'streamed tools'(place) {
    const log = callLog();
    const deltas: string[] = [];
    const runner = connect(place).chat.completions.runTools({
      ...chat(place, prompts['streamed tools']),
      tools: chatTools(log),
      stream: true,
    });
    runner.on('content', (delta) => void deltas.push(delta));
    return { text: (await runner.finalContent()) ?? '', calls: log.calls, deltas };
  },
  async conversation(place) {
    const asked = chat(place, prompts.conversation);
    const first = await connect(place).chat.completions.create(asked);
    const messages = [...asked.messages, first.choices[0]!.message, ...asked.messages];
    const second = await connect(place).chat.completions.create({ ...asked, messages });
    return { text: second.choices[0]!.message.content ?? '' };
  },
  async 'structured output'(place) {
    const completion = await connect(place).chat.completions.parse({
      ...chat(place, prompts['structured output']),
      response_format: zodResponseFormat(town, 'town'),
    });
    return { value: completion.choices[0]!.message.parsed };
  },
  'wrong key': (place) => errorOf(connect(place).chat.completions.create(chat(place, prompts['wrong key']))),
  'bad request': (place) =>
    errorOf(connect(place).chat.completions.create({ ...chat(place, prompts['bad request']), temperature: 3 })),
  async 'failure in a stream'(place) {
    const stream = await connect(place).chat.completions.create({
      ...chat(place, prompts['failure in a stream']),
      stream: true,
    });
    const deltas: string[] = [];
    const error = await thrownBy(async () => {
      for await (const chunk of stream) pushText(deltas, chunk.choices[0]?.delta.content);
    });
    return { deltas, error };
  },
  async leaving(place) {
    const stream = await connect(place).chat.completions.create({ ...chat(place, prompts.leaving), stream: true });
    const deltas: string[] = [];
    for await (const chunk of stream) {
      pushText(deltas, chunk.choices[0]?.delta.content);
      if (deltas.length > 0) break;
    }
    return { deltas };
  },
};

export const openaiResponses: Client = {
  async text(place) {
    const response = await connect(place).responses.create({ model: place.model, input: prompts.text });
    return { text: response.output_text, usage: responsesUsage(response.usage) };
  },
  async stream(place) {
    const stream = connect(place).responses.stream({ model: place.model, input: prompts.stream });
    const deltas: string[] = [];
    stream.on('response.output_text.delta', ({ delta }) => void deltas.push(delta));
    const response = await stream.finalResponse();
    return { deltas, text: response.output_text, usage: responsesUsage(response.usage) };
  },
  async reasoning(place) {
    const response = await connect(place).responses.create({ model: place.model, input: prompts.reasoning });
    const reasoning = response.output.flatMap((item) => (item.type === 'reasoning' ? (item.content ?? []) : []));
    return { reasoning: reasoning.map(({ text }) => text).join(''), text: response.output_text };
  },
  tools: (place) => responsesTools(place, prompts.tools, null),
  async 'streamed tools'(place) {
    const deltas: string[] = [];
    return { ...(await responsesTools(place, prompts['streamed tools'], deltas)), deltas };
  },
  async conversation(place) {
    const asked = { model: place.model, input: prompts.conversation };
    const first = await connect(place).responses.create(asked);
    const second = await connect(place).responses.create({ ...asked, previous_response_id: first.id });
    return { text: second.output_text };
  },
  async 'structured output'(place) {
    const response = await connect(place).responses.parse({
      model: place.model,
      input: prompts['structured output'],
      text: { format: zodTextFormat(town, 'town') },
    });
    return { value: response.output_parsed };
  },
  'wrong key': (place) => errorOf(connect(place).responses.create({ model: place.model, input: prompts['wrong key'] })),
  'bad request': (place) =>
    errorOf(connect(place).responses.create({ model: place.model, input: prompts['bad request'], temperature: 3 })),
  async 'failure in a stream'(place) {
    const stream = connect(place).responses.stream({ model: place.model, input: prompts['failure in a stream'] });
    const deltas: string[] = [];
    let failure = '';
    // The API tells of it by an event, and so does the SDK.
    for await (const event of stream) {
      if (event.type === 'response.output_text.delta') deltas.push(event.delta);
      if (event.type === 'response.failed') failure = event.response.error?.message ?? '';
    }
    return { deltas, error: { name: 'response.failed', message: failure, status: null } };
  },
  async leaving(place) {
    const stream = await connect(place).responses.create({ model: place.model, input: prompts.leaving, stream: true });
    const deltas: string[] = [];
    for await (const event of stream) {
      if (event.type === 'response.output_text.delta') deltas.push(event.delta);
      if (deltas.length > 0) break;
    }
    return { deltas };
  },
};

const chat = ({ model }: Place, content: string) => ({ model, messages: [{ role: 'user' as const, content }] });

const chatTools = (log: CallLog) => [
  zodFunction({ name: 'get_weather', parameters: parameters.get_weather, function: log.get_weather }),
  zodFunction({ name: 'get_time', parameters: parameters.get_time, function: log.get_time }),
];

const responsesUsage = (usage: OpenAI.Responses.ResponseUsage | undefined): Usage => ({
  inputTokens: usage?.input_tokens ?? 0,
  outputTokens: usage?.output_tokens ?? 0,
});

/** The loop that the SDK leaves to its user: the calls are run, and their outputs sent behind all that was said. */
async function responsesTools(place: Place, prompt: string, deltas: string[] | null) {
  const client = connect(place);
  const log = callLog();
  const tools = Object.entries(parameters).map(([name, schema]) => ({
    type: 'function' as const,
    name,
    strict: true,
    parameters: z.toJSONSchema(schema),
  }));
  const streamInto = (deltas: string[], request: Parameters<typeof client.responses.stream>[0]) => {
    const stream = client.responses.stream(request);
    stream.on('response.output_text.delta', ({ delta }) => void deltas.push(delta));
    return stream.finalResponse();
  };
  const input: ResponseInput = [{ role: 'user', content: prompt }];
  for (;;) {
    const request = { model: place.model, input, tools };
    const response = await (deltas === null ? client.responses.create(request) : streamInto(deltas, request));
    const calls = response.output.flatMap((item) => (item.type === 'function_call' ? [item] : []));
    if (calls.length === 0) return { text: response.output_text, calls: log.calls };
    input.push(...(response.output as ResponseInput));
    for (const { call_id, name, arguments: text } of calls) {
      input.push({ type: 'function_call_output', call_id, output: runTool(log, name, JSON.parse(text)) });
    }
  }
}

function pushText(deltas: string[], text: string | null | undefined): void {
  if (text !== null && text !== undefined && text !== '') deltas.push(text);
}

async function thrownBy(act: () => Promise<void>): Promise<Caught> {
  try {
    await act();
  } catch (error) {
    return caught(error);
  }
  throw new Error('nothing was thrown');
}
