import { beforeAll, describe, expect, test } from 'vitest';
import { dictionary, uint64 } from '../../src/xpc/value.ts';
import type { Lifetime } from '../support/cleanup.ts';
import { call, openStream } from '../support/client.ts';
import type { Answer } from '../support/client.ts';
import { answerWith, completed, created, reply, startDouble } from '../support/double.ts';
import type { Double, Heard } from '../support/double.ts';
import { startGateway } from '../support/process.ts';
import type { GatewayProcess } from '../support/process.ts';
import { checkResponseStream } from '../support/response-grammar.ts';

type Setup = {
  readonly gateway: GatewayProcess;
  readonly daemon: Double;
  /** How the next sessions are answered, in their order; those after them are answered well. */
  readonly answers: ((heard: Heard) => void)[];
  readonly ask: () => Promise<Answer>;
};

type Options = {
  readonly lifetime?: Lifetime;
  readonly cancelGrace?: number;
  readonly onCancel?: (heard: Heard) => void;
};

/** A gateway before a daemon written by hand. */
async function start({ lifetime = 'test', cancelGrace = 20_000, onCancel }: Options = {}): Promise<Setup> {
  const answers: ((heard: Heard) => void)[] = [];
  const daemon = await startDouble((heard) => {
    if (heard.type === 'create_from_tokens') (answers.shift() ?? fine)(heard);
    if (heard.type === 'cancel') (onCancel ?? ((each) => each.say('completed', completed())))(heard);
  }, lifetime);
  const limits = { idle: 20_000, firstToken: 20_000, cancelGrace };
  const gateway = await startGateway({
    service: daemon.service,
    config: { limits, log: { level: 'debug' } },
    lifetime,
  });
  const ask = () => call(`${gateway.origin}/v1/responses`, { body: { model: 'm', input: 'x' } });
  return { gateway, daemon, answers, ask };
}

const fine = (heard: Heard) => answerWith(heard, 'fine');
const textOf = (answer: Answer) => {
  const { output } = answer.json() as { output: { type: string; content: { text: string }[] }[] };
  return output.at(-1)?.content[0]?.text;
};
const errorOf = (answer: Answer) => (answer.json() as { error: { code: string; message: string } }).error;

describe('a daemon that says', () => {
  let setup: Setup;
  beforeAll(async () => {
    setup = await start({ lifetime: 'file' });
  });

  const oddities: { readonly what: string; readonly answer: (heard: Heard) => void }[] = [
    {
      what: 'types that nobody knows',
      answer: (heard) => {
        heard.say('created', created);
        heard.say('output_image.delta', { bytes: new Uint8Array(9) });
        heard.say('output_text.delta', { text: 'fine' });
        heard.say('completed', completed());
      },
    },
    {
      what: 'things to requests that nobody made',
      answer: (heard) => {
        heard.say('created', created);
        heard.connection.send(reply('nobody', 'output_text.delta', { text: 'not ' }), reply('nobody', 'completed'));
        heard.connection.send(reply('nobody', 'error', { code: 'engine_error', message: 'x' }));
        heard.say('output_text.delta', { text: 'fine' });
        heard.say('completed', completed());
      },
    },
    {
      what: 'messages without a type or a request',
      answer: (heard) => {
        heard.say('created', created);
        heard.connection.send(dictionary({ type: 'completed' }), dictionary({ req_id: heard.requestId }));
        heard.connection.send(dictionary({}));
        heard.say('output_text.delta', { text: 'fine' });
        heard.say('completed', completed());
      },
    },
    {
      what: 'that a session is over, twice, and then goes on',
      answer: (heard) => {
        answerWith(heard, 'fine');
        heard.say('completed', completed(99));
        heard.say('output_text.delta', { text: ' and more' });
        heard.say('error', { code: 'engine_error', message: 'late' });
      },
    },
    {
      what: 'that a session was created, twice',
      answer: (heard) => {
        heard.say('created', created);
        heard.say('output_text.delta', { text: 'fi' });
        heard.say('created', { features: ['output_token_ids'] });
        heard.say('output_text.delta', { text: 'ne' });
        heard.say('completed', completed());
      },
    },
    {
      what: 'fields that nobody knows',
      answer: (heard) => {
        heard.say('created', { ...created, mood: 'good' });
        heard.say('output_text.delta', { text: 'fine', index: uint64(0) });
        heard.say('metrics', { text: 'no JSON' });
        heard.say('completed', { ...completed(), finish: null });
      },
    },
  ];

  test.each(oddities)('$what is understood all the same', async ({ answer }) => {
    const { ask, answers } = setup;
    answers.push(answer);
    const first = await ask();
    expect([first.status, textOf(first)]).toEqual([200, 'fine']);
    const second = await ask();
    expect([second.status, textOf(second)]).toEqual([200, 'fine']);
  });

  const broken: { readonly what: string; readonly answer: (heard: Heard) => void }[] = [
    {
      what: 'text that is a number',
      answer: (heard) => {
        heard.say('created', created);
        heard.say('output_text.delta', { text: uint64(7) });
      },
    },
    { what: 'created without features', answer: (heard) => heard.say('created') },
    {
      what: 'completed without counts',
      answer: (heard) => {
        heard.say('created', created);
        heard.say('completed', { response_id: 'r' });
      },
    },
  ];

  test.each(broken)('$what fails the turn at once, and no other', async ({ answer }) => {
    const { ask, answers, daemon } = setup;
    const before = daemon.heard.length;
    answers.push(answer);
    const first = await ask();
    expect(first.status).toBe(502);
    expect(errorOf(first)).toMatchObject({ code: 'engine_error', message: expect.stringContaining('malformed') });
    // It is asked to stop what it began.
    expect(textOf(await ask())).toBe('fine');
    const { requestId } = daemon.heard[before]!;
    expect(daemon.heard[before + 1]).toMatchObject({ type: 'cancel', requestId });
  });

  const early: { readonly type: string; readonly fields: Parameters<Heard['say']>[1] }[] = [
    { type: 'output_text.delta', fields: { text: 'early' } },
    { type: 'output_token_ids.delta', fields: { tokens: new Uint8Array(4) } },
    {
      type: 'output_item.done',
      fields: { item: dictionary({ type: 'tool_call', status: 'requested', name: 'functions.f', input: '{}' }) },
    },
    { type: 'completed', fields: completed() },
  ];

  test.each(early)('$type before created fails the turn, and no other', async ({ type, fields }) => {
    const { ask, answers, gateway } = setup;
    const outOfOrder = (heard: Heard) => {
      heard.say(type, fields);
      answerWith(heard, 'late');
    };
    answers.push(outOfOrder, outOfOrder);
    const whole = await ask();
    expect(whole.status).toBe(502);
    expect(errorOf(whole)).toMatchObject({ code: 'engine_error', message: expect.stringContaining(type) });
    const stream = await openStream(`${gateway.origin}/v1/responses`, { model: 'm', input: 'x', stream: true });
    // Nothing had been sent, so the failure has a status of its own.
    expect([await stream.ended, stream.status]).toEqual(['whole', 502]);
    expect(stream.chunks.join('')).not.toContain('late');
    expect(textOf(await ask())).toBe('fine');
  });

  const fatal: { readonly what: string; readonly answer: (heard: Heard) => void }[] = [
    { what: 'bytes that are no frames', answer: (heard) => heard.connection.sendBytes(Buffer.alloc(64, 0xff)) },
    {
      what: 'a frame that is no value',
      answer: (heard) => heard.connection.sendBytes(Buffer.from([3, 0, 0, 0, 0x77, 1, 2])),
    },
    { what: 'a list, where XPC knows dictionaries alone', answer: (heard) => heard.connection.send(['created']) },
    {
      what: 'half a frame, and goes',
      answer: (heard) => {
        heard.say('created', created);
        heard.connection.socket.end(Buffer.from([200, 0, 0, 0, 9, 1]));
      },
    },
    { what: 'nothing, and goes', answer: (heard) => void heard.connection.socket.destroy() },
    {
      what: 'a part of an answer, and goes',
      answer: (heard) => {
        heard.say('created', created);
        heard.say('output_text.delta', { text: 'fi' });
        heard.connection.socket.end();
      },
    },
  ];

  test.each(fatal)('$what has its connection dropped, and gets another', async ({ answer }) => {
    const { ask, answers, daemon } = setup;
    // The connection that the last one left, or none.
    await ask();
    const before = daemon.connections();
    answers.push(answer);
    const first = await ask();
    expect([502, 503]).toContain(first.status);
    expect(['backend_lost', 'backend_unavailable']).toContain(errorOf(first).code);
    const second = await ask();
    expect([second.status, textOf(second)]).toEqual([200, 'fine']);
    expect(daemon.connections()).toBe(before + 1);
  });

  test('an error has it told in both dialects, with its code and words', async () => {
    const fails = (heard: Heard) => {
      heard.say('created', created);
      heard.say('output_text.delta', { text: 'so ' });
      heard.say('error', { code: 'engine_error', message: 'Metal is out of memory' });
    };
    const { gateway, answers } = setup;
    answers.push(fails, fails);
    const responses = await openStream(`${gateway.origin}/v1/responses`, { model: 'm', input: 'x', stream: true });
    expect(await responses.ended).toBe('whole');
    expect(checkResponseStream(responses.frames)).toMatchObject({
      status: 'failed',
      error: { code: 'server_error', message: expect.stringContaining('Metal is out of memory') },
    });
    const chat = await openStream(`${gateway.origin}/v1/chat/completions`, {
      model: 'm',
      messages: [{ role: 'user', content: 'x' }],
      stream: true,
    });
    expect(await chat.ended).toBe('whole');
    expect(JSON.parse(chat.frames.at(-1)!.data!)).toMatchObject({ error: { code: 'engine_error' } });
  });

  test('that it speaks another protocol is told so', async () => {
    const { ask, answers } = setup;
    answers.push((heard) => heard.say('error', { code: 'unsupported_protocol', message: 'expected proto_version=2' }));
    const answer = await ask();
    expect(errorOf(answer)).toMatchObject({
      code: 'engine_error',
      message: expect.stringContaining('proto_version=2'),
    });
  });
});

test('a cancelled session that never ends loses its connection, and the engine is used again', async () => {
  const silent = (heard: Heard) => {
    heard.say('created', created);
    heard.say('output_text.delta', { text: 'on and on' });
  };
  const { gateway, daemon, answers, ask } = await start({ cancelGrace: 200, onCancel: () => undefined });
  answers.push(silent);
  const stream = await openStream(`${gateway.origin}/v1/responses`, { model: 'm', input: 'x', stream: true });
  await stream.event('response.output_text.delta');
  stream.leave();
  await daemon.hears('cancel');
  const next = ask();
  expect(textOf(await next)).toBe('fine');
  await daemon.gone(1);
  const [stuck, fresh] = daemon.heard.filter(({ type }) => type === 'create_from_tokens');
  expect(fresh!.connection).not.toBe(stuck!.connection);
  expect(stuck!.connection.socket.destroyed).toBe(true);
});

test('what a session says after it was cancelled reaches nobody', async () => {
  const talks = (heard: Heard) => {
    heard.say('created', created);
    heard.say('output_text.delta', { text: 'first' });
  };
  const { gateway, ask, answers, daemon } = await start({
    onCancel(heard) {
      heard.say('output_text.delta', { text: 'unheard' });
      heard.say('completed', completed());
    },
  });
  answers.push(talks);
  const stream = await openStream(`${gateway.origin}/v1/responses`, { model: 'm', input: 'x', stream: true });
  await stream.event('response.output_text.delta');
  stream.leave();
  await daemon.hears('cancel');
  const answer = await ask();
  expect(textOf(answer)).toBe('fine');
  expect(answer.text).not.toContain('unheard');
});
