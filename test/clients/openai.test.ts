import OpenAI, {
  APIConnectionError,
  APIConnectionTimeoutError,
  AuthenticationError,
  BadRequestError,
  NotFoundError,
  RateLimitError,
} from 'openai';
import { zodResponseFormat, zodTextFormat } from 'openai/helpers/zod';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { openStream } from '../support/client.ts';
import { startWatchedDaemon } from '../support/daemon.ts';
import type { WatchedDaemon } from '../support/daemon.ts';
import { startGateway } from '../support/process.ts';
import type { GatewayProcess } from '../support/process.ts';

const model = 'gpt-oss-20b';
const endless = '/sim pace 2000\n/sim repeat 1000000 and so on';

let daemon: WatchedDaemon;
let gateway: GatewayProcess;
let client: OpenAI;
beforeAll(async () => {
  daemon = await startWatchedDaemon({ output: 'tokens' }, 'file');
  gateway = await startGateway({ service: daemon.service, lifetime: 'file', config: { log: { level: 'error' } } });
  client = connect(gateway);
});

function connect({ origin }: GatewayProcess, options: { apiKey?: string; maxRetries?: number } = {}): OpenAI {
  return new OpenAI({ baseURL: `${origin}/v1`, apiKey: 'unused', maxRetries: 0, ...options });
}

const cancels = () => daemon.tap.types().filter((type) => type === 'cancel').length;

const weather = {
  type: 'function' as const,
  name: 'get_weather',
  description: 'The weather in a city.',
  strict: false,
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};

describe('responses', () => {
  test('in one piece', async () => {
    const response = await client.responses.create({
      model,
      instructions: 'Be brief.',
      input: '/sim think hm\n/sim say Hello there.',
    });
    expect(response.output_text).toBe('Hello there.');
    expect(response.status).toBe('completed');
    expect(response.output.map(({ type }) => type)).toEqual(['reasoning', 'message']);
    expect(response.usage!.output_tokens).toBeGreaterThan(response.usage!.output_tokens_details.reasoning_tokens);
    expect(response._request_id).toMatch(/^req_/);
  });

  test('streamed, event by event', async () => {
    const stream = await client.responses.create({ model, input: '/sim say a b c d e f g', stream: true });
    const types: string[] = [];
    let text = '';
    for await (const event of stream) {
      types.push(event.type);
      if (event.type === 'response.output_text.delta') text += event.delta;
    }
    expect(text).toBe('a b c d e f g');
    expect(types[0]).toBe('response.created');
    expect(types.at(-1)).toBe('response.completed');
  });

  test('by the stream helper, whose final response is what was streamed', async () => {
    const stream = client.responses.stream({ model, input: '/sim think well\n/sim say the end' });
    const deltas: string[] = [];
    stream.on('response.output_text.delta', ({ delta }) => deltas.push(delta));
    const response = await stream.finalResponse();
    expect(response.output_text).toBe('the end');
    expect(deltas.join('')).toBe('the end');
  });

  test('parsed by a zod schema', async () => {
    const city = z.object({ name: z.string(), people: z.number().int(), rivers: z.array(z.string()) });
    const response = await client.responses.parse({
      model,
      input: 'Describe a city.',
      text: { format: zodTextFormat(city, 'city') },
    });
    expect(() => city.parse(response.output_parsed)).not.toThrow();
  });

  test('parsed by a zod schema, while it streams', async () => {
    const stream = client.responses.stream({
      model,
      input: 'x',
      text: { format: zodTextFormat(z.object({ done: z.boolean() }), 'state') },
    });
    const response = await stream.finalResponse();
    expect(typeof response.output_parsed?.done).toBe('boolean');
  });

  test('with a tool: the call, its output, and the answer that comes of it', async () => {
    const input: OpenAI.Responses.ResponseInput = [{ role: 'user', content: 'Please call get_weather for me.' }];
    const first = await client.responses.create({ model, input, tools: [weather] });
    const call = first.output.find((item) => item.type === 'function_call')!;
    expect(call.name).toBe('get_weather');
    expect(typeof (JSON.parse(call.arguments) as { city: unknown }).city).toBe('string');

    input.push(...(first.output as OpenAI.Responses.ResponseInputItem[]));
    input.push({ type: 'function_call_output', call_id: call.call_id, output: '21 degrees and sunny' });
    const second = await client.responses.create({ model, input, tools: [weather] });
    expect(second.output_text).toContain('21 degrees and sunny');
  });

  test('that are aborted stop the engine', async () => {
    const before = cancels();
    const controller = new AbortController();
    const stream = await client.responses.create(
      { model, input: endless, stream: true },
      { signal: controller.signal },
    );
    for await (const event of stream) if (event.type === 'response.output_text.delta') break;
    await daemon.tap.seen('cancel', before + 1);

    const whole = client.responses.create({ model, input: endless }, { signal: controller.signal });
    const creates = daemon.tap.types().filter((type) => type === 'create_from_tokens').length;
    await daemon.tap.seen('create_from_tokens', creates + 1);
    controller.abort();
    await expect(whole).rejects.toThrow('aborted');
    await daemon.tap.seen('cancel', before + 2);
  });

  test('that fail on the way end the iteration by an error or a failed response, not by silence', async () => {
    const stream = await client.responses.create({
      model,
      input: '/sim say so\n/sim fail engine_error out of memory',
      stream: true,
    });
    const events = [];
    for await (const event of stream) events.push(event);
    const last = events.at(-1)!;
    expect(last.type === 'response.failed' && last.response.error?.message).toContain('out of memory');
  });
});

describe('chat completions', () => {
  test('in one piece', async () => {
    const completion = await client.chat.completions.create({
      model,
      messages: [{ role: 'user', content: '/sim say Hello there.' }],
    });
    expect(completion.choices[0]!.message.content).toBe('Hello there.');
    expect(completion.choices[0]!.finish_reason).toBe('stop');
    expect(completion.usage!.total_tokens).toBeGreaterThan(0);
  });

  test('streamed, with usage at the end', async () => {
    const stream = await client.chat.completions.create({
      model,
      messages: [{ role: 'user', content: '/sim say a b c d' }],
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = '';
    let usage = null;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? '';
      usage = chunk.usage ?? usage;
    }
    expect(text).toBe('a b c d');
    expect(usage!.completion_tokens).toBeGreaterThan(0);
  });

  test('by the stream helper', async () => {
    const stream = client.chat.completions.stream({ model, messages: [{ role: 'user', content: '/sim say the end' }] });
    expect(await stream.finalContent()).toBe('the end');
  });

  test('parsed by a zod schema', async () => {
    const point = z.object({ x: z.number(), y: z.number() });
    const completion = await client.chat.completions.parse({
      model,
      messages: [{ role: 'user', content: 'Where?' }],
      response_format: zodResponseFormat(point, 'point'),
    });
    expect(() => point.parse(completion.choices[0]!.message.parsed)).not.toThrow();
  });

  test('that run tools by themselves', async () => {
    const asked: string[] = [];
    const runner = client.chat.completions.runTools({
      model,
      messages: [{ role: 'user', content: 'Please call get_weather for me.' }],
      tools: [
        {
          type: 'function',
          function: {
            name: 'get_weather',
            description: weather.description,
            parameters: weather.parameters,
            parse: JSON.parse,
            function: ({ city }: { city: string }) => {
              asked.push(city);
              return `21 degrees in ${city}`;
            },
          },
        },
      ],
    });
    const content = await runner.finalContent();
    expect(asked).toHaveLength(1);
    expect(content).toContain('21 degrees in');
  });

  test('that run tools by themselves, streamed', async () => {
    let calls = 0;
    const runner = client.chat.completions.runTools({
      model,
      stream: true,
      messages: [{ role: 'user', content: 'Please call get_weather for me.' }],
      tools: [
        {
          type: 'function',
          function: {
            name: 'get_weather',
            description: weather.description,
            parameters: weather.parameters,
            parse: JSON.parse,
            function: () => {
              calls += 1;
              return 'rain';
            },
          },
        },
      ],
    });
    expect(await runner.finalContent()).toContain('rain');
    expect(calls).toBe(1);
  });

  test('that are aborted stop the engine', async () => {
    const before = cancels();
    const stream = await client.chat.completions.create({
      model,
      messages: [{ role: 'user', content: endless }],
      stream: true,
    });
    for await (const chunk of stream) if (chunk.choices[0]?.delta.content) stream.controller.abort();
    await daemon.tap.seen('cancel', before + 1);
  });

  test('that fail on the way are an error of the iteration', async () => {
    const stream = await client.chat.completions.create({
      model,
      messages: [{ role: 'user', content: '/sim say so\n/sim fail engine_error out of memory' }],
      stream: true,
    });
    await expect(
      (async () => {
        for await (const chunk of stream) void chunk;
      })(),
    ).rejects.toThrow('out of memory');
  });
});

test('several answers to a question, in one piece and streamed', async () => {
  const asked = { model, messages: [{ role: 'user' as const, content: '/sim say a b c' }], n: 3 };
  const completion = await client.chat.completions.create(asked);
  expect(completion.choices.map(({ message }) => message.content)).toEqual(['a b c', 'a b c', 'a b c']);
  const streamed = await client.chat.completions.stream(asked).finalChatCompletion();
  expect(streamed.choices.map(({ index, message }) => [index, message.content])).toEqual([
    [0, 'a b c'],
    [1, 'a b c'],
    [2, 'a b c'],
  ]);
});

test('legacy completions, in one piece and streamed', async () => {
  const completion = await client.completions.create({ model, prompt: '/sim say once upon a time' });
  expect(completion.choices[0]!.text).toBe('once upon a time');
  let text = '';
  const stream = await client.completions.create({ model, prompt: '/sim say once upon a time', stream: true });
  for await (const chunk of stream) text += chunk.choices[0]?.text ?? '';
  expect(text).toBe('once upon a time');
});

describe('models', () => {
  test('are listed and looked up', async () => {
    const listed = [];
    for await (const each of client.models.list()) listed.push(each.id);
    expect(listed).toEqual([model]);
    expect(await client.models.retrieve(model)).toMatchObject({ id: model, object: 'model' });
    expect(await client.models.retrieve('openai/gpt-oss-20b')).toMatchObject({ id: model });
  });

  test('that are not there are a NotFoundError', async () => {
    await expect(client.models.retrieve('gpt-9')).rejects.toThrow(NotFoundError);
  });
});

describe('errors', () => {
  test('of a request are a BadRequestError that names the field', async () => {
    const failure = await client.responses
      .create({ model, input: 'x', temperature: 9 })
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(BadRequestError);
    expect(failure).toMatchObject({ status: 400, param: 'temperature', code: 'invalid_value' });
    expect((failure as BadRequestError).requestID).toMatch(/^req_/);
  });

  test('of a streamed request before it begins are errors of the call', async () => {
    await expect(client.chat.completions.create({ model, messages: [], stream: true })).rejects.toThrow(
      BadRequestError,
    );
  });

  test('of keys are an AuthenticationError', async () => {
    const locked = await startGateway({ config: { server: { apiKeys: ['right'] } } });
    await expect(connect(locked, { apiKey: 'wrong' }).models.list()).rejects.toThrow(AuthenticationError);
    expect((await connect(locked, { apiKey: 'right' }).models.list()).data).toHaveLength(1);
  });

  test('of a busy engine are a RateLimitError, or are retried until it is free', async () => {
    const busy = await startWatchedDaemon();
    const small = await startGateway({ service: busy.service, config: { limits: { queueLength: 0 } } });
    const running = await openStream(`${small.origin}/v1/responses`, { model, input: endless, stream: true });
    await running.event('response.output_text.delta');
    await expect(connect(small).responses.create({ model, input: '/sim say x' })).rejects.toThrow(RateLimitError);

    let refused = 0;
    const patient = new OpenAI({
      baseURL: `${small.origin}/v1`,
      apiKey: 'unused',
      maxRetries: 5,
      fetch: async (...request) => {
        const response = await fetch(...request);
        if (response.status === 429) {
          refused += 1;
          running.leave();
        }
        return response;
      },
    });
    const response = await patient.responses.create({ model, input: '/sim say worth the wait' });
    expect(response.output_text).toBe('worth the wait');
    expect(refused).toBeGreaterThanOrEqual(1);
  });

  test('of a daemon that is not there are retried until it is', async () => {
    const late = await startWatchedDaemon();
    await late.simulator.close();
    const waiting = await startGateway({ service: late.service });
    const statuses: number[] = [];
    const patient = new OpenAI({
      baseURL: `${waiting.origin}/v1`,
      apiKey: 'unused',
      maxRetries: 5,
      fetch: async (...request) => {
        const response = await fetch(...request);
        statuses.push(response.status);
        if (response.status === 503) await late.simulator.listen();
        return response;
      },
    });
    const response = await patient.responses.create({ model, input: '/sim say here I am' });
    expect(response.output_text).toBe('here I am');
    expect(statuses).toEqual([503, 200]);
  });

  test('of an engine that takes too long are an APIConnectionTimeoutError, and stop it', async () => {
    const before = cancels();
    const hasty = new OpenAI({ baseURL: `${gateway.origin}/v1`, apiKey: 'unused', maxRetries: 0, timeout: 2000 });
    const slow = { model, messages: [{ role: 'user' as const, content: '/sim wait 600000' }] };
    await expect(hasty.chat.completions.create(slow)).rejects.toThrow(APIConnectionTimeoutError);
    await daemon.tap.seen('cancel', before + 1);
  });

  test('of an engine that took too long are retried, as often as the client was told to', async () => {
    const before = daemon.tap.types().filter((type) => type === 'create_from_tokens').length;
    const hasty = new OpenAI({ baseURL: `${gateway.origin}/v1`, apiKey: 'unused', maxRetries: 1, timeout: 2000 });
    await expect(hasty.responses.create({ model, input: '/sim wait 600000' })).rejects.toThrow(
      APIConnectionTimeoutError,
    );
    await daemon.tap.seen('create_from_tokens', before + 2);
  });

  test('of a gateway that is not there are an APIConnectionError', async () => {
    const gone = await startGateway();
    gone.kill('SIGTERM');
    await gone.exited;
    await expect(connect(gone).models.list()).rejects.toThrow(APIConnectionError);
  });
});
