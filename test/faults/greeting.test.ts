import { describe, expect, test } from 'vitest';
import { control } from '../../src/harmony/encoding.ts';
import { call, openStream } from '../support/client.ts';
import type { Answer } from '../support/client.ts';
import { startWatchedDaemon } from '../support/daemon.ts';
import { answerWith, created, introduced, startDouble } from '../support/double.ts';
import type { Double, Heard } from '../support/double.ts';
import { startGateway } from '../support/process.ts';
import type { GatewayProcess } from '../support/process.ts';

const ask = ({ origin }: GatewayProcess, input = 'x') =>
  call(`${origin}/v1/responses`, { body: { model: 'm', input, store: false } });
const textOf = (answer: Answer) =>
  (answer.json() as { output: { content: { text: string }[] }[] }).output.at(-1)!.content[0]!.text;
const errorOf = (answer: Answer) => (answer.json() as { error: { code: string; message: string } }).error;

type Reaction = (heard: Heard) => void;

/** A gateway before a daemon that answers the greeting as it is told, and sessions well. */
async function start(reactions: { readonly [type: string]: Reaction }, limits: object = {}) {
  const daemon = await startDouble(
    (heard) => {
      const react = reactions[heard.type];
      if (react !== undefined) react(heard);
      else if (heard.type === 'health') heard.say('health.ok');
      else if (heard.type === 'handshake') heard.say('handshake.ok', introduced);
      else if (heard.type.startsWith('create')) answerWith(heard, 'fine');
    },
    'test',
    'rude',
  );
  const config = { limits: { greeting: 20_000, ...limits }, log: { level: 'debug' } };
  return { daemon, gateway: await startGateway({ service: daemon.service, config }) };
}

const creates = ({ heard }: Double) => heard.map(({ type }) => type).filter((type) => type.startsWith('create'));
const nothing = () => undefined;

describe('a daemon that', () => {
  test('never answers fails the turn within the limit, which is named, and is asked again by the next', async () => {
    const silent = { health: nothing, handshake: nothing } as { [type: string]: Reaction };
    const { daemon, gateway } = await start(silent, { greeting: 1500 });
    const answer = await ask(gateway);
    expect(answer.status).toBe(504);
    expect(errorOf(answer)).toMatchObject({
      code: 'backend_timeout',
      message: expect.stringContaining('did not answer health') as string,
    });
    delete silent['health'];
    expect(textOf(await ask(gateway))).toBe('fine');
    expect(creates(daemon)).toEqual(['create_from_tokens']);
  });

  test('answers handshake long after health is taken for one without it, and tokens are used', async () => {
    const late: (() => void)[] = [];
    const { daemon, gateway } = await start({
      handshake: (heard) => late.push(() => heard.say('handshake.ok', { ...introduced, encoding_name: 'Other' })),
      create_from_tokens(heard) {
        for (const introduce of late) introduce();
        answerWith(heard, 'fine');
      },
    });
    expect(textOf(await ask(gateway))).toBe('fine');
    expect(creates(daemon)).toEqual(['create_from_tokens']);
    await gateway.untilLogged(({ level, msg }) => level === 40 && msg.includes('did not answer handshake'));
  });

  test.each<[string, Reaction]>([
    ['a handshake without its fields', (heard) => heard.say('handshake.ok')],
    ['fields of other types', (heard) => heard.say('handshake.ok', { ...introduced, special_tokens: 'all' })],
    ['an error of its own', (heard) => heard.say('error', { code: 'odd', message: 'very odd' })],
    ['something else', (heard) => heard.say('created', created)],
  ])('introduces itself by %s gets tokens, and a warning', async (_, handshake) => {
    const { daemon, gateway } = await start({ handshake });
    expect(textOf(await ask(gateway))).toBe('fine');
    expect(creates(daemon)).toEqual(['create_from_tokens']);
    await gateway.untilLogged(({ level, msg }) => level === 40 && msg.includes("can't be compared"));
  });

  test.each<[string, Reaction, number, string]>([
    ['refuses the protocol', (heard) => heard.say('error', { code: 'unsupported_protocol', message: 'no' }), 502, 'no'],
    ['hangs up', (heard) => void heard.connection.socket.destroy(), 503, 'not running'],
    ['talks garbage', (heard) => heard.connection.sendBytes(Buffer.alloc(64, 0xff)), 503, ''],
  ])('%s at health fails the turn in words', async (_, health, status, words) => {
    const { daemon, gateway } = await start({ health });
    const answer = await ask(gateway);
    expect(answer.status).toBe(status);
    expect(errorOf(answer).message).toContain(words);
    expect(creates(daemon)).toEqual([]);
  });

  test('refuses a conversation gets typed messages in the same turn, as a session of another id', async () => {
    const refuse: Reaction = (heard) => {
      heard.say('created', created);
      heard.say('error', { code: 'engine_error', message: 'render failed' });
    };
    const other: Reaction = (heard) => heard.say('handshake.ok', { ...introduced, encoding_name: 'Other' });
    const { daemon, gateway } = await start({ handshake: other, create: refuse });
    expect(textOf(await ask(gateway))).toBe('fine');
    const [first, second] = daemon.heard.filter(({ type }) => type.startsWith('create'));
    expect([first!.type, second!.type]).toEqual(['create', 'create_from_messages']);
    expect(first!.requestId).not.toBe(second!.requestId);
    expect(first!.message.has('prefill_tokens')).toBe(false);
  });
});

describe('after a turn that was cancelled and never ended', () => {
  const endless: Reaction = (heard) => {
    heard.say('created', created);
    heard.say('output_text.delta', { text: 'on and on' });
  };

  /** A gateway that has just given up the connection of a session; `healths` are the daemon's answers from then on. */
  async function startStuck(health: Reaction) {
    let sessions = 0;
    const reactions: { [type: string]: Reaction } = {
      create_from_tokens: (heard) => (++sessions === 1 ? endless(heard) : answerWith(heard, 'fine')),
      cancel: nothing,
    };
    const { daemon, gateway } = await start(reactions, { cancelGrace: 100 });
    // The greeting at start is over.
    await gateway.untilLogged(({ msg }) => msg.includes('its Harmony is ours'));
    const stream = await openStream(`${gateway.origin}/v1/responses`, { model: 'm', input: 'x', stream: true });
    await stream.event('response.output_text.delta');
    reactions['health'] = health;
    stream.leave();
    await daemon.gone(1);
    return { daemon, gateway };
  }

  test('the next one begins only when the daemon has answered on the new connection', async () => {
    let answer: (() => void) | null = null;
    const { daemon, gateway } = await startStuck((heard) => (answer = () => heard.say('health.ok')));
    const next = ask(gateway);
    await daemon.hears('health', 3);
    expect(creates(daemon)).toHaveLength(1);
    answer!();
    expect(textOf(await next)).toBe('fine');
    const [stuck, fresh] = daemon.heard.filter(({ type }) => type === 'create_from_tokens');
    expect(fresh!.connection).not.toBe(stuck!.connection);
    // The connection of the stuck session was at its end before the new one was opened.
    expect(stuck!.connection.socket.destroyed).toBe(true);
  });

  test('a daemon that tells its sessions is asked until the stuck one is gone', async () => {
    let left = 3;
    const { daemon, gateway } = await startStuck((heard) => {
      const stuck = daemonOf(heard).requestId;
      left -= 1;
      heard.say('health.ok', { sessions: left > 0 ? ['another', stuck] : ['another'] });
    });
    const daemonOf = (_: Heard) => daemon.heard.find(({ type }) => type === 'create_from_tokens')!;
    expect(textOf(await ask(gateway))).toBe('fine');
    expect(left).toBe(0);
    expect(daemon.heard.filter(({ type }) => type === 'health')).toHaveLength(2 + 3);
  });
});

test('a session that reads its prompt is not taken for stuck, and the next waits for its end', async () => {
  const { service, tap, simulator } = await startWatchedDaemon({ output: 'tokens' });
  const limits = { cancelGrace: 50, firstToken: 1500 };
  const gateway = await startGateway({ service, config: { limits } });
  // Longer than both: the connection is dropped, and the daemon hears neither cancel nor loss until its prefill is over.
  const late = await ask(gateway, '/sim prefill 2300\n/sim say late');
  expect([late.status, errorOf(late).message]).toEqual([504, expect.stringContaining('limits.firstToken')]);
  expect(textOf(await ask(gateway, '/sim say Now.'))).toBe('Now.');

  const [stuck] = tap.passed.filter(({ type }) => type === 'create_from_tokens');
  const second = tap.passed.findLastIndex(({ type }) => type === 'create_from_tokens');
  const told = tap.passed
    .slice(0, second)
    .filter(({ type }) => type === 'health.ok')
    .map(({ message }) => message.get('sessions') as readonly string[]);
  expect(told.some((sessions) => sessions.includes(stuck!.requestId))).toBe(true);
  expect(told.at(-1)).toEqual([]);
  expect(simulator.sessions()).toBe(0);
});

test('a turn that is left during prefill keeps its connection, and the next follows on it when it has ended', async () => {
  const { service, tap } = await startWatchedDaemon();
  const limits = { cancelGrace: 1, firstToken: 600_000 };
  const gateway = await startGateway({ service, config: { limits } });
  const stream = await openStream(`${gateway.origin}/v1/responses`, {
    model: 'm',
    input: '/sim prefill 500\n/sim say late',
    stream: true,
  });
  stream.leave();
  await tap.seen('cancel');
  expect(textOf(await ask(gateway, '/sim say Now.'))).toBe('Now.');
  // One greeting at start, and one for one connection of the engine.
  expect(tap.types().filter((type) => type === 'handshake')).toHaveLength(2);
  const types = tap.types().filter((type) => type === 'completed' || type === 'create_from_tokens');
  expect(types).toEqual(['create_from_tokens', 'completed', 'create_from_tokens', 'completed']);
});

test('the double’s handshake is what a daemon like ours says', () => {
  expect(introduced['special_tokens']).toHaveLength(Object.keys(control).length);
});
