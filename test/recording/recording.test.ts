import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { replay as replayTurn } from '../../src/cli/replay.ts';
import { loadConfig } from '../../src/config.ts';
import { createEncoding } from '../../src/harmony/encoding.ts';
import type { TurnRecording } from '../../src/recording/recording-schema.ts';
import { call, openStream } from '../support/client.ts';
import { startDaemon, startGateway, startProgram, temporaryDirectory } from '../support/process.ts';
import type { GatewayProcess } from '../support/process.ts';

const encoding = createEncoding();
const secret = 'walrus seventy-seven';

type Recorded = { readonly gateway: GatewayProcess; readonly directory: string };

async function startRecording(output: 'classic' | 'tokens', recording: object = {}): Promise<Recorded> {
  const directory = join(temporaryDirectory('test'), 'recordings');
  const config = { simulator: { output }, recording: { directory, ...recording } };
  return { gateway: await startGateway({ config }), directory };
}

/** The paths of recordings, the oldest first, once there are so many turns in the log. */
async function recordings({ gateway, directory }: Recorded): Promise<string[]> {
  gateway.kill('SIGTERM');
  await gateway.exited;
  const names = readdirSync(directory).toSorted();
  return names.map((name) => join(directory, name));
}

const read = (path: string) => JSON.parse(readFileSync(path, 'utf8')) as TurnRecording;

/** As the command does it, in this process. */
async function replayHere(path: string) {
  const loaded = loadConfig({ flags: [], configFile: null, environment: {}, directory: '/', readFile: () => '' });
  if ('problems' in loaded) throw new Error(loaded.problems.join('\n'));
  const settings = { configFile: null, flags: [] };
  const command = {
    command: 'replay',
    settings,
    file: path,
    url: null,
    apiKey: null,
    pauses: false,
    json: false,
  } as const;
  let printed = '';
  const print = (text: string) => void (printed += text);
  const code = await replayTurn(loaded.config, command, {
    print,
    waiting: () => () => undefined,
    logger: pino({ level: 'silent' }),
    encoding,
  });
  return { path, code, printed };
}

async function replay(path: string, ...args: readonly string[]) {
  const program = startProgram(['replay', path, ...args]);
  const { code } = await program.exited;
  return { code, output: program.output(), errors: program.errors() };
}

const tool = {
  type: 'function',
  name: 'look',
  description: 'Looks.',
  parameters: { type: 'object', properties: { place: { type: 'string' } }, required: ['place'] },
};
const chatTool = { type: 'function', function: { name: tool.name, parameters: tool.parameters } };
const responses = '/v1/responses';
const chat = '/v1/chat/completions';
const says = (content: string) => ({ model: 'm', messages: [{ role: 'user', content }] });

const turns: readonly { readonly what: string; readonly path: string; readonly body: object }[] = [
  { what: 'an answer', path: responses, body: { model: 'm', input: `/sim think well\n/sim say ${secret}` } },
  { what: 'a chat completion', path: chat, body: says(`/sim say ${secret}`) },
  { what: 'a text', path: '/v1/completions', body: { model: 'm', prompt: secret } },
  { what: 'a tool call', path: responses, body: { model: 'm', input: `look ${secret}`, tools: [tool] } },
  { what: 'a call in chat', path: chat, body: { ...says('look around'), tools: [chatTool] } },
  {
    what: 'an answer behind a tool’s result',
    path: chat,
    body: {
      model: 'm',
      messages: [
        { role: 'user', content: 'look around' },
        {
          role: 'assistant',
          tool_calls: [{ id: 'call_7', type: 'function', function: { name: 'look', arguments: '{"place":"here"}' } }],
        },
        { role: 'tool', tool_call_id: 'call_7', content: secret },
      ],
      tools: [chatTool],
    },
  },
  {
    what: 'a failure',
    path: responses,
    body: { model: 'm', input: `/sim say ${secret}\n/sim fail engine_error lost` },
  },
  { what: 'malformed Harmony', path: responses, body: { model: 'm', input: '/sim raw <|message|>odd<|return|>' } },
];

describe.each(['classic', 'tokens'] as const)('with a daemon that sends %s', (output) => {
  test('a replayed turn has the same prompt and the same answer, streamed or not', async () => {
    const recorded = await startRecording(output);
    for (const { path, body } of turns) {
      await call(recorded.gateway.origin + path, { body });
      const stream = await openStream(recorded.gateway.origin + path, { ...body, stream: true });
      await stream.ended;
    }
    const paths = await recordings(recorded);
    expect(paths).toHaveLength(turns.length * 2);
    for (const path of paths) {
      expect(await replayHere(path)).toMatchObject({
        code: 0,
        printed: expect.stringContaining('prefill: the same\nanswer: the same\n') as string,
      });
    }
  }, 120_000);
});

test('a recording holds what was asked, what the engine read and said, and what the client got', async () => {
  const recorded = await startRecording('tokens');
  const body = { model: 'm', input: `/sim think well\n/sim say ${secret}`, stream: true };
  const stream = await openStream(`${recorded.gateway.origin}${responses}`, body);
  await stream.ended;
  const [path] = await recordings(recorded);
  const turn = read(path!);
  expect(turn.request).toMatchObject({ path: responses, body, id: stream.headers['x-request-id'] });
  const [session] = turn.sessions;
  expect(encoding.decode(session!.prefill)).toContain(`/sim say ${secret}<|end|>`);
  const said = session!.events.flatMap((event) => (event.type === 'token-delta' ? event.ids : []));
  expect(encoding.decode(said)).toContain(`<|channel|>final<|message|>${secret}<|return|>`);
  expect(turn.answer.frames.map(({ event, data }) => ({ event, data }))).toEqual(stream.frames);
  const times = [...session!.events, ...turn.answer.frames].map(({ at }) => at);
  expect(Math.min(...times)).toBeGreaterThanOrEqual(0);
  expect(turn.times.end).toBeGreaterThanOrEqual(turn.times.firstOutput!);
  expect(statSync(path!).mode & 0o777).toBe(0o600);
  expect(statSync(recorded.directory).mode & 0o777).toBe(0o700);
});

test('no header of the request is in it', async () => {
  const recorded = await startRecording('classic');
  const headers = { authorization: 'Bearer tusk-key', 'x-note': 'tusk-note' };
  await call(`${recorded.gateway.origin}${responses}`, { body: { model: 'm', input: 'hello' }, headers });
  const [path] = await recordings(recorded);
  expect(readFileSync(path!, 'utf8')).not.toContain('tusk');
});

test('a simulated daemon says what the recorded one said', async () => {
  const recorded = await startRecording('tokens');
  const body = { model: 'm', input: `/sim think well\n/sim say ${secret}` };
  await call(`${recorded.gateway.origin}${responses}`, { body });
  const [path] = await recordings(recorded);
  const service = join(temporaryDirectory('test'), 'daemon.sock');
  await startDaemon(service, ['--script', path!]);
  const gateway = await startGateway({ service });
  for (const input of ['Anything at all', 'And again']) {
    const answer = await call(`${gateway.origin}${responses}`, { body: { model: 'm', input } });
    expect(answer.text).toContain(`"text":"${secret}"`);
  }
  const { code, output } = await replay(path!, '--url', gateway.origin);
  expect({ code, output }).toMatchObject({ code: 0 });
  expect(output).toContain('answer: the same');
});

test('what differs is named, and the exit code says so', async () => {
  const recorded = await startRecording('classic');
  await call(`${recorded.gateway.origin}${responses}`, { body: { model: 'm', input: `/sim say ${secret}` } });
  const [path] = await recordings(recorded);
  const turn = read(path!);
  const changed = JSON.stringify(turn).replaceAll(`"text":"${secret}"`, '"text":"nothing"');
  const session = { ...turn.sessions[0]!, prefill: turn.sessions[0]!.prefill.slice(0, -1) };
  const file = join(temporaryDirectory('test'), 'changed.json');
  // The engine's words stay, the answer's are others; and the prompt was another.
  writeFileSync(file, JSON.stringify({ ...(JSON.parse(changed) as TurnRecording), sessions: [session] }));
  const { code, output } = await replay(file);
  expect(code).toBe(1);
  expect(output).toContain('output[0].content[0].text: "nothing" and "walrus seventy-seven"');
  expect(output).toMatch(/session 1: \d+ and \d+ tokens, different from token \d+ on/);
  const asJson = await replay(file, '--json');
  expect(JSON.parse(asJson.output)).toMatchObject({ same: false, prefill: [expect.any(String)] });
});

test('a turn whose client left is named as such: its replay goes on to the end', async () => {
  const recorded = await startRecording('classic');
  const body = { model: 'm', input: '/sim pace 200\n/sim repeat 400 and so on', stream: true };
  const stream = await openStream(`${recorded.gateway.origin}${responses}`, body);
  await stream.event('response.output_text.delta');
  stream.leave();
  const [path] = await recordings(recorded);
  expect(read(path!).failure).toMatchObject({ code: 'request_cancelled' });
  const { code, output } = await replay(path!);
  expect(code).toBe(1);
  expect(output).toContain('(its client left before the end)\n');
});

test('what is no recording is refused with a reason', async () => {
  const file = join(temporaryDirectory('test'), 'no.json');
  writeFileSync(file, '{"format": 7}');
  const { code, errors } = await replay(file);
  expect(code).toBe(1);
  expect(errors).toContain("no.json can't be replayed: it is not a recording of this version: format");
  expect(await replay('/nowhere.json')).toMatchObject({ code: 1, errors: expect.stringContaining('ENOENT') as string });
});

describe.each(['classic', 'tokens'] as const)('redacted, with a daemon that sends %s', (output) => {
  test('a recording holds no word of what was said, and is replayed all the same', async () => {
    const recorded = await startRecording(output, { redact: true });
    for (const { path, body } of turns) {
      await call(recorded.gateway.origin + path, { body });
      await (
        await openStream(recorded.gateway.origin + path, { ...body, stream: true })
      ).ended;
    }
    const paths = await recordings(recorded);
    expect(paths).toHaveLength(turns.length * 2);
    for (const path of paths) {
      const turn = read(path);
      const prompts = turn.sessions.map(({ prefill }) => encoding.decode(prefill));
      const sampled = turn.sessions.flatMap(({ events }) => events.flatMap((each) => ('ids' in each ? each.ids : [])));
      for (const text of [readFileSync(path, 'utf8'), ...prompts, encoding.decode(sampled)]) {
        expect(text).not.toMatch(/walrus|seventy|around|odd|Looks/);
      }
      expect(await replayHere(path)).toMatchObject({ code: 0 });
    }
  }, 120_000);
});

test('only so many recordings are kept, and only so much of a turn', async () => {
  const recorded = await startRecording('classic', { maxFiles: 2, maxBytes: 4000 });
  for (const count of [1, 2, 3]) {
    await call(`${recorded.gateway.origin}${responses}`, { body: { model: 'm', input: `/sim say number ${count}` } });
  }
  await call(`${recorded.gateway.origin}${responses}`, { body: { model: 'm', input: '/sim repeat 3000 and' } });
  const paths = await recordings(recorded);
  expect(paths).toHaveLength(2);
  expect(readFileSync(paths[0]!, 'utf8')).toContain('number 3');
  expect(read(paths[1]!).truncated).toBe(true);
  expect(statSync(paths[1]!).size).toBeLessThan(20_000);
});

test('nothing is recorded unless it is asked for', async () => {
  const gateway = await startGateway();
  await call(`${gateway.origin}${responses}`, { body: { model: 'm', input: secret } });
  expect(gateway.errors()).not.toContain('recorded');
});
