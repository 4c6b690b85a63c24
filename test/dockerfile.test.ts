import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { settingDefinitions } from '../src/config-schema.ts';
import { endWith } from './support/cleanup.ts';
import { call } from './support/client.ts';
import { createCondition } from './support/condition.ts';

/** No image can be built here, so what its Dockerfile says is done without one. */
const root = fileURLToPath(new URL('..', import.meta.url));

type Instruction = { readonly word: string; readonly rest: string };

const instructions: readonly Instruction[] = readFileSync(join(root, 'Dockerfile'), 'utf8')
  .replace(/^#.*\n/gm, '')
  .replace(/\\\n\s*/g, '')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => /^(\S+)\s+(.*)$/.exec(line)!)
  .map(([, word, rest]) => ({ word: word!, rest: rest! }));

/** Those of the last stage, which becomes the image. */
const image = instructions.slice(instructions.findLastIndex(({ word }) => word === 'FROM'));
const of = (word: string) => image.filter((instruction) => instruction.word === word).map(({ rest }) => rest);

const environment = Object.fromEntries(
  of('ENV').flatMap((rest) => rest.split(/\s+/).map((pair) => pair.split('=') as [string, string])),
);

test('the image runs as nobody special, tells its health, and holds what it starts', () => {
  expect(of('USER')).toEqual(['node']);
  expect(of('EXPOSE')).toEqual([environment['CODEXPC_GATEWAY_PORT']]);
  expect(of('HEALTHCHECK')).toHaveLength(1);
  const copied = of('COPY').map((rest) => /^--from=build \/gateway\/(\S+) \.\/(\S*)$/.exec(rest)!);
  for (const [, from, to] of copied) {
    // The image is of Linux, wherever this runs.
    const here = process.platform === 'darwin' ? from!.replace(/\.so$/, '.dylib') : from!;
    expect(existsSync(join(root, here)), here).toBe(true);
    // At the same place as in the checkout.
    expect([from, from!.replace(/[^/]+$/, '')]).toContain(to);
  }
  const known = ['NODE_ENV', ...settingDefinitions.flatMap((definition) => definition.environment)];
  expect(known).toEqual(expect.arrayContaining(Object.keys(environment)));
});

const [program, ...args] = JSON.parse(of('CMD')[0]!) as [string, ...string[]];
const [healthProgram, ...healthArgs] = JSON.parse(/CMD (.*)$/.exec(of('HEALTHCHECK')[0]!)![1]!) as [
  string,
  ...string[],
];

const inherited = { PATH: process.env['PATH'] };

test('started as in the image without keys it says that it needs some', () => {
  const options = { cwd: root, env: { ...inherited, ...environment }, encoding: 'utf8' } as const;
  const { status, stderr } = spawnSync(program, args, options);
  expect([status, stderr]).toEqual([2, expect.stringContaining('CODEXPC_GATEWAY_API_KEYS')]);
});

test('started as in the image with a key it serves the simulator, and is healthy until it has ended', async () => {
  const env = { ...inherited, ...environment, CODEXPC_GATEWAY_API_KEYS: 'any-key', CODEXPC_GATEWAY_PORT: '0' };
  const child = spawn(program, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'ignore'] });
  const exited = new Promise<number | null>((resolve) => {
    child.once('close', resolve);
  });
  endWith('test', () => child.kill('SIGKILL'));
  const record = createCondition();
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    record.changed();
  });
  void exited.then(() => record.closed(() => `it has ended\n${output}`));
  const port = (await record.until(() => /listens on http:\/\/0\.0\.0\.0:(\d+)\/v1/.exec(output)))[1]!;

  const isHealthy = () =>
    spawnSync(healthProgram, healthArgs, { env: { ...env, CODEXPC_GATEWAY_PORT: port } }).status === 0;
  expect(isHealthy()).toBe(true);
  const answer = await call(`http://127.0.0.1:${port}/v1/models`, { headers: { authorization: 'Bearer any-key' } });
  expect([answer.status, answer.headers['x-codexpc-backend']]).toEqual([200, 'simulator']);
  child.kill('SIGTERM');
  expect(await exited).toBe(0);
  expect(isHealthy()).toBe(false);
});
