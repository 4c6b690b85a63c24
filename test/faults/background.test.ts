import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { call, openStream, parseFrames } from '../support/client.ts';
import { readMetrics } from '../support/metrics.ts';
import { startGateway, temporaryDirectory } from '../support/process.ts';
import type { GatewayProcess } from '../support/process.ts';
import { checkResponseStream } from '../support/response-grammar.ts';

const model = 'gpt-oss-20b';

/** How often a gateway is killed; `KILLS=100 npx vitest run test/faults/background.test.ts` for a long run. */
const kills = Number(process.env['KILLS'] ?? 8);

type Response = {
  readonly id: string;
  readonly status: string;
  readonly output: readonly unknown[];
  readonly error: unknown;
};

const newPath = () => join(temporaryDirectory('test'), 'store.db');

const start = (path: string, server: object = {}) =>
  startGateway({ config: { store: { path }, server, simulator: { output: 'tokens' } } });

async function create(gateway: GatewayProcess, input: string): Promise<Response> {
  const answer = await call(`${gateway.origin}/v1/responses`, { body: { model, input, background: true } });
  expect(answer.status, answer.text).toBe(200);
  return answer.json() as Response;
}

const get = async (gateway: GatewayProcess, id: string) =>
  (await call(`${gateway.origin}/v1/responses/${id}`)).json() as Response;

const events = (gateway: GatewayProcess, id: string, query = '') =>
  openStream(`${gateway.origin}/v1/responses/${id}?stream=true${query}`, undefined);

const replay = async (gateway: GatewayProcess, id: string) =>
  (await call(`${gateway.origin}/v1/responses/${id}?stream=true`)).text;

async function until<Value>(look: () => Promise<Value>, fits: (value: Value) => boolean): Promise<Value> {
  for (;;) {
    const value = await look();
    if (fits(value)) return value;
  }
}

const wholeEvents = (text: string) => text.slice(0, text.lastIndexOf('\n\n') + 2).replaceAll(': keep-alive\n\n', '');

describe('responses in the background', () => {
  test(
    'of a gateway that is killed are complete or failed, and no event that was shown is lost',
    async () => {
      const path = newPath();
      /** What a client knows of each. */
      const known: { id: string; seen: string }[] = [];
      let failed = 0;
      for (let round = 0; ; round++) {
        const gateway = await start(path);
        for (const { id, seen } of known.splice(0)) {
          const response = await get(gateway, id);
          const text = await replay(gateway, id);
          expect(text.startsWith(seen), `${text}\nbegins with\n${seen}`).toBe(true);
          expect(checkResponseStream(parseFrames(text))).toEqual(response);
          if (seen.includes('event: response.completed')) expect(response.status).toBe('completed');
          else expect(['completed', 'failed']).toContain(response.status);
          if (response.status !== 'failed') continue;
          failed++;
          expect(response.error).toEqual({
            code: 'server_error',
            message: 'The gateway ended unexpectedly while it made this response; what there was of it is kept.',
          });
          const rest = await call(`${gateway.origin}/v1/responses/${id}/cancel`, { method: 'POST' });
          expect(rest.json()).toEqual(response);
        }
        if (round === kills) break;
        const quick = await create(gateway, '/sim say Quick.');
        const slow = await create(gateway, `/sim think Let me see.\n/sim pace 500\n/sim repeat 5000 word `);
        const waiting = await create(gateway, '/sim say Later.');
        const streams = [
          await events(gateway, quick.id),
          await events(gateway, slow.id),
          await events(gateway, waiting.id),
        ];
        // In the queue, thinking, at different places of the text.
        if (round % 4 > 0) await streams[1]!.until(() => streams[1]!.frames.length > (round % 4) * 4);
        gateway.kill('SIGKILL');
        await gateway.exited;
        for (const [index, { id }] of [quick, slow, waiting].entries()) {
          await streams[index]!.ended;
          known.push({ id, seen: wholeEvents(streams[index]!.chunks.join('')) });
        }
      }
      expect(failed).toBeGreaterThanOrEqual(kills);
    },
    30_000 + kills * 10_000,
  );

  test('of a gateway that is stopped are failed with what there was, in time', async () => {
    const path = newPath();
    const gateway = await start(path, { shutdownTimeout: 200 });
    const { id } = await create(gateway, '/sim pace 200\n/sim repeat 100000 word ');
    const stream = await events(gateway, id);
    await stream.event('response.output_text.delta', 3);
    gateway.kill('SIGTERM');
    expect(await gateway.exited).toEqual({ code: 0, signal: null });
    expect(await stream.ended).toBe('whole');
    expect(stream.frames.at(-1)).toMatchObject({ event: 'response.failed' });
    const next = await start(path);
    expect(await get(next, id)).toMatchObject({
      status: 'failed',
      error: { message: expect.stringContaining('was stopped') },
      output: [{ status: 'incomplete' }],
    });
    expect(await replay(next, id)).toBe(wholeEvents(stream.chunks.join('')));
  });

  test('may end before a gateway that is stopped does', async () => {
    const path = newPath();
    const gateway = await start(path, { shutdownTimeout: 20_000 });
    const { id } = await create(gateway, '/sim pace 50\n/sim repeat 20 word ');
    gateway.kill('SIGTERM');
    expect(await gateway.exited).toEqual({ code: 0, signal: null });
    expect(await get(await start(path), id)).toMatchObject({ status: 'completed' });
  });

  test('are seen, followed and cancelled from a second gateway, which ends them when the first one dies', async () => {
    const path = newPath();
    const first = await start(path);
    const one = await create(first, '/sim pace 200\n/sim repeat 100000 word ');
    const second = await start(path);
    const begun = await until(
      () => get(second, one.id),
      ({ output }) => output.length > 0,
    );
    expect(begun.status).toBe('in_progress');
    const here = await events(first, one.id);
    const there = await events(second, one.id, '&starting_after=1');
    await there.event('response.output_text.delta', 5);
    const cancelled = await call(`${second.origin}/v1/responses/${one.id}/cancel`, { method: 'POST' });
    expect(cancelled.json()).toMatchObject({ status: 'cancelled' });
    expect([await here.ended, await there.ended]).toEqual(['whole', 'whole']);
    expect(there.chunks.join('')).toBe(here.chunks.join('').replace(/^(?:[^]*?\n\n){2}/, ''));
    expect(await get(first, one.id)).toEqual(cancelled.json());

    const two = await create(first, '/sim pace 200\n/sim repeat 100000 word ');
    const three = await create(first, '/sim say Never.');
    const left = await events(second, two.id);
    await left.event('response.output_text.delta');
    await call(`${second.origin}/v1/responses/${three.id}`, { method: 'DELETE' });
    first.kill('SIGKILL');
    expect(await left.ended).toBe('whole');
    expect(left.frames.at(-1)).toMatchObject({ event: 'response.failed' });
    expect(await get(second, two.id)).toMatchObject({ status: 'failed' });
    expect((await call(`${second.origin}/v1/responses/${three.id}`)).status).toBe(404);
  }, 60_000);

  test('have any number of readers, slow ones too, for little memory', async () => {
    const gateway = await start(newPath(), { stallTimeout: 600_000 });
    const { id } = await create(gateway, '/sim repeat 20000 internationalization ');
    expect(await (await events(gateway, id)).ended).toBe('whole');
    const whole = await replay(gateway, id);
    expect(whole.length).toBeGreaterThan(2_500_000);
    const residentBytes = async () => (await readMetrics(gateway.origin)).value('process_resident_memory_bytes', {});
    const before = await residentBytes();
    const readers = [];
    for (let count = 0; count < 300; count++) {
      const reader = await events(gateway, id);
      reader.pause();
      readers.push(reader);
    }
    // All of it for each would be almost a gigabyte, less what the system takes in.
    expect((await residentBytes()) - before).toBeLessThan(200_000_000);
    const [last] = readers.slice(-1);
    last!.resume();
    expect(await last!.ended).toBe('whole');
    expect(last!.chunks.join('')).toBe(whole);
    for (const reader of readers) reader.leave();
  }, 120_000);
});
