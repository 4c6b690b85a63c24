import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { endWith } from '../support/cleanup.ts';
import { call, openStream, rawRequest } from '../support/client.ts';
import { startWatchedDaemon } from '../support/daemon.ts';
import { startGateway } from '../support/process.ts';

/** One token of 64 bytes, as often as the context window takes it: about 8 MB, more than the system's buffers hold. */
const flood = `/sim repeat 10000000 ${'-'.repeat(64)}`;

const models = ['one', 'two'].map((id) => ({ id, checkpoint: id, contextWindow: 131_072 }));

/** Asks for a stream and never reads any of it. */
function askAndIgnore(port: number, model: string): Socket {
  const socket = connect(port, '127.0.0.1');
  socket.pause();
  socket.on('error', () => undefined);
  socket.write(rawRequest('/v1/responses', { model, input: flood, stream: true }));
  endWith('test', () => socket.destroy());
  return socket;
}

test('a client that reads nothing is cut off, and its engine stopped', async () => {
  const daemon = await startWatchedDaemon();
  const config = { models: [{ ...models[0], contextWindow: 1_000_000_000 }], server: { stallTimeout: 300 } };
  const gateway = await startGateway({ service: daemon.service, config });
  askAndIgnore(gateway.port, 'one');
  await daemon.tap.seen('cancel');
  await daemon.tap.seen('completed');
  await gateway.untilLogged(({ msg }) => msg === 'turn cancelled' || msg === 'turn left');
  const answer = await call(`${gateway.origin}/v1/responses`, { body: { model: 'one', input: '/sim say free again' } });
  expect(answer.text).toContain('free again');
});

test('a client that reads nothing holds up nobody else, and costs no more than its answer', async () => {
  const daemon = await startWatchedDaemon({ output: 'tokens' });
  const gateway = await startGateway({ service: daemon.service, config: { models } });
  const ask = (model: string) => call(`${gateway.origin}/v1/responses`, { body: { model, input: '/sim say hello' } });
  await ask('two');
  const before = residentBytes(gateway.pid);
  const socket = askAndIgnore(gateway.port, 'one');
  await daemon.tap.seen('output_token_ids.delta', 100);
  // On the other engine, while the flood is on.
  const stream = await openStream(`${gateway.origin}/v1/responses`, {
    model: 'two',
    input: '/sim repeat 500 word',
    stream: true,
  });
  expect(await stream.ended).toBe('whole');
  expect((await ask('two')).text).toContain('hello');
  // The engine of the one who doesn't read is free when its answer has ended: nobody waits for the reader.
  expect((await ask('one')).text).toContain('hello');
  expect(socket.destroyed).toBe(false);
  if (before !== null) expect(residentBytes(gateway.pid)! - before).toBeLessThan(150 * 1024 * 1024);
});

test('a client that reads slowly gets everything', async () => {
  const config = { backend: { type: 'simulator' }, models: [{ ...models[0], contextWindow: 40_000 }] };
  const gateway = await startGateway({ config });
  const stream = await openStream(`${gateway.origin}/v1/responses`, { model: 'one', input: flood, stream: true });
  let pauses = 0;
  for (let count = 0; ; count = stream.chunks.length) {
    const more = await stream.until(() => stream.chunks.length > count + 20).catch(() => false);
    if (!more) break;
    pauses += 1;
    stream.pause();
    await call(`${gateway.origin}/healthz`);
    stream.resume();
  }
  expect(pauses).toBeGreaterThan(2);
  const final = JSON.parse(stream.frames.at(-1)!.data!) as {
    type: string;
    response: { output: { content: { text: string }[] }[] };
  };
  expect(final.type).toBe('response.incomplete');
  const deltas = stream.frames
    .filter(({ event }) => event === 'response.output_text.delta')
    .map(({ data }) => (JSON.parse(data!) as { delta: string }).delta);
  expect(deltas.join('')).toBe(final.response.output[0]!.content[0]!.text);
});

/** Null where the system doesn't tell. */
function residentBytes(pid: number): number | null {
  if (process.platform !== 'linux') return null;
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))!;
  return Number(kilobytes) * 1024;
}
