import { describe, expect, test } from 'vitest';
import { createClient, finalText, onTokens } from '../simulator/client.ts';
import { endWith } from '../support/cleanup.ts';
import { call, openStream } from '../support/client.ts';
import { startWatchedDaemon } from '../support/daemon.ts';
import type { Tap } from '../support/tap.ts';
import { startGateway } from '../support/process.ts';
import { checkResponseStream } from '../support/response-grammar.ts';

const running = '/sim pace 2000\n/sim repeat 1000000 and so on';
const body = (input: string, stream = false, model = 'm') => ({ model, input, stream });

describe('an engine that is busy', () => {
  test('lets so many wait as its queue takes, and tells the next when to come back', async () => {
    const daemon = await startWatchedDaemon();
    const { origin } = await startGateway({ service: daemon.service, config: { limits: { queueLength: 1 } } });
    const first = await openStream(`${origin}/v1/responses`, body(running, true));
    await first.event('response.output_text.delta');
    const second = await openStream(`${origin}/v1/responses`, body('/sim say second', true));
    await second.event('response.queued');
    for (const stream of [true, false]) {
      const third = await call(`${origin}/v1/responses`, { body: body('/sim say third', stream) });
      expect(third.status).toBe(429);
      expect(Number(third.headers['retry-after'])).toBeGreaterThanOrEqual(1);
      expect(third.json()).toMatchObject({ error: { code: 'rate_limit_exceeded', type: 'rate_limit_error' } });
    }
    first.leave();
    expect(await second.ended).toBe('whole');
    expect(second.chunks.join('')).toContain('second');
    expect((await call(`${origin}/v1/responses`, { body: body('/sim say third') })).status).toBe(200);
  });

  test('is waited for no longer than limits.queueTimeout', async () => {
    const daemon = await startWatchedDaemon();
    const { origin } = await startGateway({ service: daemon.service, config: { limits: { queueTimeout: 100 } } });
    const first = await openStream(`${origin}/v1/responses`, body(running, true));
    await first.event('response.output_text.delta');
    const late = await call(`${origin}/v1/responses`, { body: body('x') });
    expect(late.status).toBe(429);
    expect(late.headers['retry-after']).toMatch(/^\d+$/);
    // A stream has begun with the news that it waits, so it ends by a failure; Codex reads the time from its text.
    const stream = await openStream(`${origin}/v1/responses`, body('x', true));
    expect(await stream.ended).toBe('whole');
    expect(checkResponseStream(stream.frames)).toMatchObject({
      status: 'failed',
      error: { code: 'rate_limit_exceeded', message: expect.stringMatching(/try again in \d+s/) },
    });
  });

  test('by other clients of the daemon is a 429, and no fault', async () => {
    const daemon = await startWatchedDaemon();
    const { origin } = await startGateway({ service: daemon.service });
    const other = createClient(daemon.service);
    endWith('test', other.close);
    const endless = await promptTokens(daemon.tap, origin);
    for (const id of ['a', 'b', 'c', 'd']) {
      other.send(id, 'create_from_tokens', onTokens(endless, { checkpoint_path: `/other/${id}` }));
      await other.next(id, 'created');
    }
    const answer = await call(`${origin}/v1/responses`, { body: body('/sim say x', true) });
    expect(answer.status).toBe(429);
    expect(answer.headers['retry-after']).toBe('1');
    other.cancel('a');
    await other.end('a');
    expect((await call(`${origin}/v1/responses`, { body: body('/sim say x') })).status).toBe(200);
  });
});

/** The tokens of an endless turn, taken from what the gateway says of one. */
async function promptTokens(tap: Tap, origin: string): Promise<Uint32Array> {
  const stream = await openStream(`${origin}/v1/responses`, body(running, true));
  const { message } = await tap.seen('create_from_tokens');
  stream.leave();
  await tap.seen('completed');
  const bytes = Uint8Array.from(message.get('prefill_tokens') as Uint8Array);
  return new Uint32Array(bytes.buffer);
}

test('sessions on one engine never overlap, however many ask at once: every answer is intact', async () => {
  const daemon = await startWatchedDaemon();
  const { origin } = await startGateway({
    service: daemon.service,
    config: {
      models: ['one', 'two'].map((id) => ({ id, checkpoint: `/models/${id}` })),
      limits: { queueLength: 100 },
    },
  });
  const ask = async (index: number) => {
    const model = index % 3 === 0 ? 'two' : 'one';
    const text = `answer ${index} of many `.repeat(20).trim();
    const content = `/sim pace 20000\n/sim say ${text}`;
    if (index % 2 === 0) {
      const answer = await call(`${origin}/v1/responses`, { body: body(content, false, model) });
      const { output } = answer.json() as { output: { type: string; content: { text: string }[] }[] };
      expect(output.at(-1)!.content[0]!.text).toBe(text);
    } else {
      const messages = [{ role: 'user', content }];
      const stream = await openStream(`${origin}/v1/chat/completions`, { model, messages, stream: true });
      expect(await stream.ended).toBe('whole');
      const deltas = stream.frames.flatMap(({ data }) => {
        if (data === null || data === '[DONE]') return [];
        const chunk = JSON.parse(data) as { choices: { delta: { content?: string } }[] };
        return [chunk.choices[0]!.delta.content ?? ''];
      });
      expect(deltas.join('')).toBe(text);
    }
  };
  await Promise.all(Array.from({ length: 30 }, (_, index) => ask(index)));
  expect(mostAtOnce(daemon.tap)).toEqual({ '/models/one': 1, '/models/two': 1 });
});

/** How many sessions each checkpoint had at most at the same time, by what passed. */
function mostAtOnce({ passed }: Tap): { [checkpoint: string]: number } {
  const checkpoints = new Map<string, string>();
  const open: { [checkpoint: string]: number } = {};
  const most: { [checkpoint: string]: number } = {};
  for (const { type, requestId, message } of passed) {
    if (type === 'create_from_tokens') {
      const checkpoint = message.get('checkpoint_path') as string;
      checkpoints.set(requestId, checkpoint);
      open[checkpoint] = (open[checkpoint] ?? 0) + 1;
      most[checkpoint] = Math.max(most[checkpoint] ?? 0, open[checkpoint]);
    } else if (type === 'completed' || type === 'error') {
      open[checkpoints.get(requestId)!]! -= 1;
    }
  }
  return most;
}

test('without the order that the gateway keeps, the same sessions would be corrupt', async () => {
  const daemon = await startWatchedDaemon();
  const { origin } = await startGateway({ service: daemon.service });
  const texts = ['left ', 'right '].map((word) => word.repeat(60).trim());
  for (const text of texts) await call(`${origin}/v1/responses`, { body: body(`/sim pace 2000\n/sim say ${text}`) });
  const client = createClient(daemon.service);
  endWith('test', client.close);
  const creates = daemon.tap.passed.filter(({ type }) => type === 'create_from_tokens');
  for (const { requestId, message } of creates) {
    const fields = [...message].filter(([key]) => key !== 'req_id' && key !== 'type');
    client.send(requestId, 'create_from_tokens', Object.fromEntries(fields));
  }
  await Promise.all(creates.map(({ requestId }) => client.end(requestId)));
  expect(creates.map(({ requestId }) => finalText(client.of(requestId)))).not.toEqual(texts);
});
