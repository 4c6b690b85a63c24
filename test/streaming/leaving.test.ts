import { beforeAll, describe, expect, test } from 'vitest';
import { call, connectRaw, openStream, rawRequest } from '../support/client.ts';
import { startWatchedDaemon } from '../support/daemon.ts';
import type { WatchedDaemon } from '../support/daemon.ts';
import { startDouble } from '../support/double.ts';
import { startGateway } from '../support/process.ts';
import type { GatewayProcess } from '../support/process.ts';

const endless = '/sim pace 2000\n/sim repeat 1000000 and so on';

/** The same request in each dialect. */
const dialects = [
  {
    name: 'Responses',
    path: '/v1/responses',
    body: (text: string, stream: boolean) => ({ model: 'm', input: text, stream }),
    hasText: (received: string) => received.includes('response.output_text.delta'),
  },
  {
    name: 'Chat Completions',
    path: '/v1/chat/completions',
    body: (text: string, stream: boolean) => ({ model: 'm', messages: [{ role: 'user', content: text }], stream }),
    hasText: (received: string) => received.includes('and so on'),
  },
];

describe.each(dialects)('$name', ({ path, body, hasText }) => {
  let daemon: WatchedDaemon;
  let gateway: GatewayProcess;
  beforeAll(async () => {
    daemon = await startWatchedDaemon({}, 'file');
    gateway = await startGateway({ service: daemon.service, lifetime: 'file' });
  });

  /** How many messages of a type have passed so far. */
  const count = (type: string) => daemon.tap.types().filter((each) => each === type).length;
  const open = (text: string) => openStream(gateway.origin + path, body(text, true));
  /** Where in all that has passed a request's message of this type stands. */
  const place = (type: string, requestId: string) =>
    daemon.tap.passed.findIndex((each) => each.type === type && each.requestId === requestId);

  test('a client that leaves mid-stream stops the engine', async () => {
    const before = count('create_from_tokens');
    const stream = await open(endless);
    const { requestId } = await daemon.tap.seen('create_from_tokens', before + 1);
    await stream.until(() => hasText(stream.chunks.join('')));
    expect(daemon.simulator.sessions()).toBe(1);
    const cancels = count('cancel');
    const ends = count('completed');
    stream.leave();
    expect((await daemon.tap.seen('cancel', cancels + 1)).requestId).toBe(requestId);
    expect((await daemon.tap.seen('completed', ends + 1)).requestId).toBe(requestId);
  });

  test('the engine is used again only when the session of a client that left has ended', async () => {
    const before = count('create_from_tokens');
    const first = await open(endless);
    const one = await daemon.tap.seen('create_from_tokens', before + 1);
    await first.until(() => hasText(first.chunks.join('')));
    const second = await open('/sim say after you');
    expect(count('create_from_tokens')).toBe(before + 1);
    first.leave();
    expect(await second.ended).toBe('whole');
    expect(second.chunks.join('')).toContain('after you');
    const two = await daemon.tap.seen('create_from_tokens', before + 2);
    expect(place('cancel', one.requestId)).toBeGreaterThan(0);
    expect(place('completed', one.requestId)).toBeGreaterThan(place('cancel', one.requestId));
    expect(place('create_from_tokens', two.requestId)).toBeGreaterThan(place('completed', one.requestId));
  });

  test('a client that leaves while it waits for the engine never gets there', async () => {
    const before = count('create_from_tokens');
    const first = await open(endless);
    await first.until(() => hasText(first.chunks.join('')));
    const left = await open('/sim say never said');
    const stays = await open('/sim say said');
    const cancelled = gateway.log().filter(({ msg }) => msg === 'turn cancelled').length;
    left.leave();
    await gateway.until(() => gateway.log().filter(({ msg }) => msg === 'turn cancelled').length > cancelled);
    first.leave();
    expect(await stays.ended).toBe('whole');
    expect(stays.chunks.join('')).toContain('said');
    expect(count('create_from_tokens')).toBe(before + 2);
  });

  test('a client that waits for an answer in one piece and leaves stops the engine', async () => {
    const cancels = count('cancel');
    const begun = count('output_text.delta');
    const leaving = new AbortController();
    const answer = call(gateway.origin + path, { body: body(endless, false), signal: leaving.signal });
    await daemon.tap.seen('output_text.delta', begun + 1);
    leaving.abort();
    await expect(answer).rejects.toThrow('abort');
    await daemon.tap.seen('cancel', cancels + 1);
  });

  test('a client that leaves in the middle of its request leaves no trace at the daemon', async () => {
    const before = count('create_from_tokens');
    const raw = connectRaw(gateway.port);
    raw.socket.write(rawRequest(path, body('/sim say x', true)).slice(0, -5));
    await new Promise<void>((resolve) => raw.socket.end(() => resolve()));
    await call(gateway.origin + path, { body: body('/sim say next', false) });
    expect(count('create_from_tokens')).toBe(before + 1);
  });

  test('a stream that was read to its end cancels nothing', async () => {
    const cancels = count('cancel');
    const stream = await open('/sim say all of it');
    expect(await stream.ended).toBe('whole');
    await call(gateway.origin + path, { body: body('/sim say next', false) });
    expect(count('cancel')).toBe(cancels);
  });

  test('a client that leaves before anything has been said stops the engine', async () => {
    const silent = await startDouble();
    const { port, untilLogged } = await startGateway({ service: silent.service });
    const raw = connectRaw(port);
    raw.socket.write(rawRequest(path, body('hello', true)));
    const { requestId } = await silent.hears('create_from_tokens');
    raw.socket.destroy();
    expect((await silent.hears('cancel')).requestId).toBe(requestId);
    expect(await untilLogged(({ msg }) => msg === 'turn cancelled')).toMatchObject({ error: 'request_cancelled' });
    expect(raw.received()).toBe('');
  });
});

test('a hundred clients that come and go leave nothing behind', async () => {
  const daemon = await startWatchedDaemon();
  const gateway = await startGateway({ service: daemon.service, config: { limits: { queueLength: 200 } } });
  const streams = await Promise.all(
    Array.from({ length: 100 }, (_, index) =>
      openStream(`${gateway.origin}/v1/responses`, { model: 'm', input: `${index}\n${endless}`, stream: true }),
    ),
  );
  for (const stream of streams) stream.leave();
  const answer = await call(`${gateway.origin}/v1/responses`, { body: { model: 'm', input: '/sim say done' } });
  expect(answer.text).toContain('done');
  const created = daemon.tap.passed.filter(({ type }) => type === 'create_from_tokens');
  for (const { requestId } of created) expect(daemon.tap.types(requestId)).toContain('completed');
  await gateway.until(() => gateway.log().filter(({ msg }) => msg === 'turn cancelled').length === 100);
});
