import { expect, test } from 'vitest';
import { createCodexpcBackend } from '../../src/backends/codexpc/backend.ts';
import { randomRequestId } from '../../src/cli/runtime.ts';
import { asGatewayError, GatewayError } from '../../src/core/errors.ts';
import type { TurnEvent } from '../../src/core/event.ts';
import type { Gateway } from '../../src/gateway/gateway.ts';
import type { TurnLimits } from '../../src/gateway/limits.ts';
import { dictionary } from '../../src/xpc/value.ts';
import { functionTool, turn, user } from '../harmony/turns.ts';
import { loadShim } from '../native/shim.ts';
import { endWith } from '../support/cleanup.ts';
import { completed, created, startDouble } from '../support/double.ts';
import type { Double, Heard } from '../support/double.ts';
import { buildGateway, encoding } from './build.ts';

const library = loadShim();
const patient = { firstToken: 600_000, idle: 600_000, total: 600_000 };
const never = new AbortController().signal;

function build(daemon: Double, limits: Partial<TurnLimits> = {}, contextWindow = 10_000): Gateway {
  const backend = createCodexpcBackend({
    name: 'codexpc',
    library,
    service: daemon.service,
    input: 'tokens',
    askForTokens: false,
    cancelGrace: 600_000,
    prefillGrace: 600_000,
    greetingTimeout: 600_000,
    longestOutput: Infinity,
    elapsed: () => performance.now(),
    newRequestId: randomRequestId,
    onOddity: () => undefined,
    onWarning: () => undefined,
  });
  endWith('test', backend.close);
  return buildGateway(backend, { limits: { ...patient, ...limits }, contextWindow });
}

const hello = turn({ items: [user('hello')] });
const tool = functionTool('look');

async function collect(batches: AsyncIterable<readonly TurnEvent[]>): Promise<TurnEvent[]> {
  const events: TurnEvent[] = [];
  for await (const batch of batches) events.push(...batch);
  return events;
}

const failureOf = (batches: AsyncIterable<readonly TurnEvent[]>) =>
  collect(batches).then(
    () => null,
    (thrown: unknown) => asGatewayError(thrown),
  );

const types = (events: readonly TurnEvent[]) => events.map(({ type }) => type);

/** On a session: the call of a tool, after which the daemon goes on as the real one does. */
function callsTool(heard: Heard): void {
  heard.say('created', created);
  heard.say('output_item.done', {
    item: dictionary({
      type: 'tool_call',
      status: 'requested',
      name: 'functions.look',
      input: '{}',
      call_id: 'call-1',
    }),
  });
  heard.say('output_text.delta', { text: 'as if the tool had said nothing' });
}

test('a tool call ends the turn and cancels the session; what comes later is only read for its counts', async () => {
  const daemon = await startDouble((heard) => {
    if (heard.type === 'create_from_tokens') callsTool(heard);
    if (heard.type === 'cancel') {
      heard.say('output_text.delta', { text: 'more' });
      heard.say('completed', completed(77));
    }
  });
  const events = await collect(build(daemon).run({ ...hello, tools: [tool] }, never));
  expect(types(events)).toEqual(['turn-start', 'tool-call-start', 'tool-call-delta', 'tool-call-end', 'turn-end']);
  expect(events.at(-1)).toMatchObject({ reason: 'tool-calls', usage: { outputTokens: 77 } });
});

test('a turn that is over does not wait for a daemon that is slow to say so', async () => {
  const daemon = await startDouble((heard) => {
    if (heard.type === 'create_from_tokens') callsTool(heard);
  });
  const gateway = build(daemon);
  const events = await collect(gateway.run({ ...hello, tools: [tool] }, never));
  expect(events.at(-1)).toMatchObject({ type: 'turn-end', reason: 'tool-calls' });
  // The engine is not free, though: the next turn waits for it.
  const next = collect(gateway.run(hello, never));
  const cancelled = await daemon.hears('cancel');
  expect(daemon.heard.filter(({ type }) => type === 'create_from_tokens')).toHaveLength(1);
  cancelled.say('completed', completed());
  const second = await daemon.hears('create_from_tokens', 2);
  second.say('output_text.delta', { text: 'fine' });
  second.say('completed', completed());
  expect(types(await next)[0]).toBe('turn-queued');
});

test('a turn that is abandoned by its reader cancels the session', async () => {
  const daemon = await startDouble((heard) => {
    if (heard.type !== 'create_from_tokens') return;
    heard.say('created', created);
    heard.say('output_text.delta', { text: 'first' });
  });
  for await (const batch of build(daemon).run(hello, never)) if (types(batch).includes('text-delta')) break;
  expect((await daemon.hears('cancel')).requestId).toBe(daemon.heard[0]!.requestId);
});

test('who leaves while a batch is waited for stops the engine, and what was waited for is the end', async () => {
  const daemon = await startDouble((heard) => {
    if (heard.type === 'create_from_tokens') heard.say('created', created);
  });
  const batches = build(daemon).run(hello, never)[Symbol.asyncIterator]();
  await batches.next();
  const next = batches.next();
  await batches.return!();
  expect(await next).toEqual({ done: true, value: undefined });
  expect(await batches.next()).toEqual({ done: true, value: undefined });
  await daemon.hears('cancel');
});

test('who leaves while a turn is on its way to the engine leaves nothing running', async () => {
  const daemon = await startDouble();
  const gateway = build(daemon);
  const batches = gateway.run(hello, never)[Symbol.asyncIterator]();
  const next = batches.next();
  await batches.return!();
  expect(await next).toEqual({ done: true, value: undefined });
  await expect.poll(gateway.status).toEqual([{ model: 'm', running: 0, queued: 0 }]);
  expect(daemon.heard.filter(({ type }) => type === 'create_from_tokens')).toEqual([]);
});

test('an abort ends the iteration by its reason, although the daemon says nothing', async () => {
  const daemon = await startDouble();
  const leaving = new AbortController();
  const failure = failureOf(build(daemon).run(hello, leaving.signal));
  await daemon.hears('create_from_tokens');
  leaving.abort(new GatewayError('request_cancelled', 'gone'));
  expect((await failure)?.code).toBe('request_cancelled');
  await daemon.hears('cancel');
});

test('an abort before it began asks nothing of the daemon', async () => {
  const daemon = await startDouble();
  const signal = AbortSignal.abort(new GatewayError('request_cancelled', 'gone'));
  expect((await failureOf(build(daemon).run(hello, signal)))?.code).toBe('request_cancelled');
  expect(daemon.connections()).toBe(0);
});

test('signs of life put off the idle limit; silence reaches it', async () => {
  const daemon = await startDouble((heard) => {
    if (heard.type !== 'create_from_tokens') return;
    heard.say('created', created);
    heard.say('output_text.delta', { text: 'x' });
  });
  const failure = await failureOf(build(daemon, { idle: 50 }).run(hello, never));
  expect(failure).toMatchObject({ code: 'backend_timeout', message: expect.stringContaining('limits.idle') });
});

test('that a session was created is no sign of life: prefill comes after it', async () => {
  const daemon = await startDouble((heard) => {
    if (heard.type === 'create_from_tokens') heard.say('created', created);
  });
  const failure = await failureOf(build(daemon, { firstToken: 50, idle: 1 }).run(hello, never));
  expect(failure).toMatchObject({ code: 'backend_timeout', message: expect.stringContaining('limits.firstToken') });
});

test('a turn that takes longer than it may is ended, however much it says', async () => {
  let timer: NodeJS.Timeout | undefined;
  endWith('test', () => clearInterval(timer));
  const daemon = await startDouble((heard) => {
    if (heard.type !== 'create_from_tokens') return;
    heard.say('created', created);
    timer = setInterval(() => heard.say('output_text.delta', { text: 'and ' }), 5);
  });
  const failure = await failureOf(build(daemon, { total: 100 }).run(hello, never));
  expect(failure).toMatchObject({ code: 'backend_timeout', message: expect.stringContaining('limits.total') });
});

test('the daemon is asked for no more tokens than the context window has room for', async () => {
  const daemon = await startDouble((heard) => {
    if (heard.type !== 'create_from_tokens') return;
    heard.say('created', created);
    heard.say('completed', completed());
  });
  const window = 500;
  await collect(build(daemon, {}, window).run({ ...hello, maxOutputTokens: 100_000 }, never));
  const { message } = await daemon.hears('create_from_tokens');
  const limit = Number((message.get('max_output_tokens') as { value: bigint }).value);
  expect(limit + (message.get('prefill_tokens') as Uint8Array).length / 4).toBe(window);
});

test('a raw prompt is shown as it goes to the engine, be it a text or ids', async () => {
  const gateway = build(await startDouble());
  const typed = 'Once<|end|>';
  const shown = await gateway.showPrefill(turn({ raw: typed }));
  expect(shown).toEqual([{ control: false, text: typed, ids: [...encoding.encode(typed)] }]);
  const ids = [200006, ...encoding.encode('user'), 200008];
  expect(await gateway.showPrefill(turn({ raw: ids }))).toEqual([
    { control: true, text: '<|start|>', ids: [200006] },
    { control: false, text: 'user', ids: ids.slice(1, -1) },
    { control: true, text: '<|message|>', ids: [200008] },
  ]);
});

test('an answer as long as it may be ends by length', async () => {
  const daemon = await startDouble((heard) => {
    if (heard.type !== 'create_from_tokens') return;
    heard.say('created', created);
    heard.say('output_text.delta', { text: 'cut o' });
    heard.say('completed', completed(5));
  });
  const events = await collect(build(daemon).run({ ...hello, maxOutputTokens: 5 }, never));
  expect(events.at(-1)).toMatchObject({ type: 'turn-end', reason: 'length' });
});
