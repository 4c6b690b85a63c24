import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hashOfKey } from '../../src/config-keys.ts';
import { call, openStream } from '../support/client.ts';
import { startProgram, temporaryDirectory } from '../support/process.ts';
import { connectSocket } from '../support/socket.ts';

type Line = { readonly level: number; readonly msg: string; readonly [field: string]: unknown };

const model = 'gpt-oss-20b';
const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
const endless = { model, input: '/sim pace 200\n/sim repeat 100000 word ', stream: true };

/** A gateway with this configuration file, which can be written anew and read again. */
async function start(
  settings: string,
  {
    args = [],
    environment = {},
    mode = 0o600,
  }: { args?: string[]; environment?: Record<string, string>; mode?: number } = {},
) {
  const file = join(temporaryDirectory('test'), 'gateway.yaml');
  writeFileSync(file, settings, { mode });
  const flags = ['--port', '0', '--log-format', 'json', '--config', file, ...args];
  const program = startProgram(['serve', ...flags], 'test', environment);
  const [, url] = await program.until(() => /listens on (http:\S+)\/v1\n/.exec(program.output()));
  const lines = () =>
    program
      .errors()
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Line);
  const untilLogged = (fits: (line: Line) => boolean, behind = 0) =>
    program.until(() => lines().slice(behind).find(fits));
  return {
    program,
    url: url!,
    file,
    lines,
    untilLogged,
    /** Reads this file instead, and resolves with what it has to say to that first. */
    async reload(next: string): Promise<Line> {
      const before = lines().length;
      writeFileSync(file, next);
      program.kill('SIGHUP');
      return untilLogged(({ msg }) => /reloaded/.test(msg), before);
    },
    status: async (key: string) => (await call(`${url}/v1/models`, { headers: bearer(key) })).status,
  };
}

test('keys are exchanged at SIGHUP: what runs goes on, and what comes is asked for the new ones', async () => {
  const gateway = await start('server: { apiKeys: [{ name: laptop, key: old-key }] }');
  const stream = await openStream(`${gateway.url}/v1/responses`, endless, bearer('old-key'));
  await stream.event('response.output_text.delta');
  const connection = await connectSocket(gateway.url, { headers: bearer('old-key') });

  const entry = `{ name: phone, key: "${hashOfKey('new-key')}" }`;
  const line = await gateway.reload(`server: { apiKeys: [${entry}] }`);
  expect(line).toMatchObject({
    level: 30,
    msg: 'reloaded the configuration',
    changed: ['server.apiKeys'],
    keys: ['phone'],
  });
  expect([await gateway.status('old-key'), await gateway.status('new-key')]).toEqual([401, 200]);
  const read = stream.frames.length;
  await stream.until(() => stream.frames.length > read + 20);
  connection.send({ type: 'response.create', model, input: 'x' });
  expect(await connection.event('error')).toMatchObject({ status: 401, error: { code: 'invalid_api_key' } });
  stream.leave();

  await gateway.reload(`server: { apiKeys: [{ name: laptop, key: old-key }, ${entry}] }`);
  expect([await gateway.status('old-key'), await gateway.status('new-key')]).toEqual([200, 200]);
  connection.send({ type: 'response.create', model, input: '/sim say Back.' });
  await connection.event('response.completed');
  expect(gateway.program.errors()).not.toMatch(/old-key|new-key/);
});

test('limits count from the next request on, for turns that run already too', async () => {
  const gateway = await start('server: { apiKeys: [a-key] }');
  const stream = await openStream(`${gateway.url}/v1/responses`, endless, bearer('a-key'));
  await stream.event('response.output_text.delta');
  const ask = () => call(`${gateway.url}/v1/responses`, { headers: bearer('a-key'), body: { model, input: '' } });
  const line = await gateway.reload('server: { apiKeys: [a-key] }\nlimits: { turnsPerKey: 1 }');
  expect(line['changed']).toEqual(['limits.turnsPerKey']);
  expect((await ask()).status).toBe(429);
  await gateway.reload('server: { apiKeys: [a-key] }\nlimits: { requestsPerMinutePerKey: 1 }');
  const openStreams = await openStream(`${gateway.url}/v1/responses`, endless, bearer('a-key'));
  expect(openStreams.headers['x-ratelimit-remaining-requests']).toBe('0');
  expect((await ask()).headers['x-ratelimit-limit-requests']).toBe('1');
});

test('the level of the log changes, and what would need a restart is named', async () => {
  const gateway = await start('log: { level: info }');
  const rest = 'server: { bodyLimit: 5 }\nlimits: { idle: 7 }';
  writeFileSync(gateway.file, `log: { level: warn }\n${rest}`);
  gateway.program.kill('SIGHUP');
  await gateway.untilLogged(({ msg }) => msg === 'Needs a restart: server.bodyLimit, limits.idle.');
  const before = gateway.lines().length;
  await call(`${gateway.url}/v1/models`);
  // What is less serious than a warning was not said, until it may be again.
  expect(await gateway.reload(`log: { level: info }\n${rest}`)).toMatchObject({ changed: ['log.level'] });
  expect(gateway.lines().slice(before)[0]!.msg).toBe('reloaded the configuration');
  expect((await call(`${gateway.url}/v1/responses`, { body: { model, input: 'x' } })).status).toBe(200);
  const nothing = await gateway.reload(rest);
  expect(nothing).toMatchObject({ msg: 'reloaded the configuration; nothing has changed', changed: [] });
});

test.each([
  ['a file that is no YAML', 'server: [', 'gateway.yaml:1: '],
  [
    'a wrong setting beside new keys',
    'server:\n  apiKeys: [new-key]\n  bodyLimit: much',
    'gateway.yaml:3: server.bodyLimit: expected number',
  ],
  ['two keys of one name', 'server: { apiKeys: [one, { name: key-1, key: two }] }', "Two API keys are called 'key-1'."],
])('%s changes nothing, and is told with its place', async (_, next, fault) => {
  const gateway = await start('server: { apiKeys: [old-key] }');
  const line = await gateway.reload(next);
  expect(line.level).toBe(50);
  expect(line.msg).toMatch(/^The configuration was not reloaded, and what was in force stays: /);
  expect(line.msg).toContain(fault);
  expect([await gateway.status('old-key'), await gateway.status('new-key')]).toEqual([200, 401]);
});

test('a server that others can reach keeps its keys, whatever address the file has now', async () => {
  const gateway = await start('server: { host: 0.0.0.0, apiKeys: [old-key-that-is-long] }');
  const line = await gateway.reload('server: { host: 127.0.0.1 }');
  expect(line).toMatchObject({ level: 50, msg: expect.stringContaining('0.0.0.0, so API keys are needed') });
  const url = gateway.url.replace('0.0.0.0', '127.0.0.1');
  expect((await call(`${url}/v1/models`)).status).toBe(401);
});

test('a server that nobody else reaches may get keys, and lose them', async () => {
  const gateway = await start('');
  const connection = await connectSocket(gateway.url);
  const secured = async () =>
    ((await call(`${gateway.url}/openapi.json`, { headers: bearer('a-key') })).json() as { security: object[] })
      .security;
  expect(await secured()).toEqual([]);
  await gateway.reload('server: { apiKeys: [a-key] }');
  expect((await call(`${gateway.url}/v1/models`)).status).toBe(401);
  expect(await secured()).toEqual([{ key: [] }]);
  connection.send({ type: 'response.create', model, input: 'x' });
  expect(await connection.event('error')).toMatchObject({ status: 401 });
  await gateway.reload('');
  expect((await call(`${gateway.url}/v1/models`)).status).toBe(200);
  expect((await call(`${gateway.url}/v1/models`, { headers: { host: 'evil.example' } })).status).toBe(403);
  connection.send({ type: 'response.create', model, input: '/sim say Open.' });
  await connection.event('response.completed');
});

test('without a file, or with keys of the environment, SIGHUP does no harm', async () => {
  const gateway = await start('', { environment: { CODEXPC_GATEWAY_API_KEYS: 'of-environment' } });
  const before = gateway.lines().length;
  const line = await gateway.reload('server: { apiKeys: [in-file] }');
  expect(line['changed']).toEqual([]);
  expect([await gateway.status('of-environment'), await gateway.status('in-file')]).toEqual([200, 401]);
  await gateway.untilLogged(({ msg }) => /gateway\.yaml:1 are not used: CODEXPC_GATEWAY_API_KEYS/.test(msg), before);

  const bare = startProgram(['serve', '--port', '0', '--log-format', 'json']);
  await bare.until(() => bare.output().includes('listens on'));
  for (let count = 1; count <= 3; count++) {
    bare.kill('SIGHUP');
    await bare.until(() => bare.errors().match(/nothing has changed/g)?.length === count);
  }
});

test('keys that others on this machine can read are warned of, hashes are not', async () => {
  const warned = (line: Line) =>
    /Others on this machine may read the API keys in .*gateway\.yaml \(laptop\)/.test(line.msg);
  const keys = 'server: { apiKeys: [{ name: laptop, key: old-key }] }';
  const open = await start(keys, { mode: 0o644 });
  await open.untilLogged(warned);
  const before = open.lines().length;
  await open.reload(`server: { apiKeys: [{ name: laptop, key: "${hashOfKey('old-key')}" }] }`);
  expect(open.lines().slice(before).some(warned)).toBe(false);
  const closed = await start(keys);
  expect(closed.lines().some(warned)).toBe(false);
});
