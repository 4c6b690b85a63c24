import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hashOfKey } from '../../src/config-keys.ts';
import { checkNode } from '../../src/cli/doctor-system.ts';
import { endWith } from '../support/cleanup.ts';
import { startWatchedDaemon } from '../support/daemon.ts';
import { startDouble } from '../support/double.ts';
import { startGateway, temporaryDirectory } from '../support/process.ts';
import { runProgram } from '../support/run-program.ts';

type Check = { readonly name: string; readonly status: string; readonly what: string; readonly advice: string | null };

async function examine(args: readonly string[], environment: Record<string, string> = {}) {
  const ran = await runProgram(['doctor', '--json', '--port', '0', ...args], { environment });
  const { ok, checks } = JSON.parse(ran.output) as { ok: boolean; checks: Check[] };
  expect(ran.code).toBe(ok ? 0 : 1);
  const of = (name: string) => checks.filter((check) => check.name === name);
  return { ok, checks, of, failed: checks.filter(({ status }) => status === 'fail').map(({ name }) => name) };
}

function checkpoint(): string {
  const path = join(temporaryDirectory('test'), 'gpt-oss-20b.bin');
  writeFileSync(path, 'weights');
  return path;
}

test('with nothing configured all is well but that no model runs, and one token comes', async () => {
  const { ok, checks, of } = await examine([]);
  expect(ok).toBe(true);
  const names = ['node', 'config', 'port', 'store', 'shim', 'daemon', 'harmony', 'answer'];
  expect(checks.map(({ name }) => name)).toEqual(names);
  expect(checks.filter(({ status }) => status !== 'ok')).toEqual(of('config'));
  expect(of('config')[0]!.advice).toContain('CODEXPC_CHECKPOINT');
  expect(of('answer')[0]!.what).toMatch(/^one token from gpt-oss-20b in \d+ ms$/);
});

test('a daemon that is there and of our Harmony passes every check', async () => {
  const { service } = await startWatchedDaemon();
  const { ok, checks } = await examine(['--service', service, '--checkpoint', checkpoint()]);
  expect([ok, checks.filter(({ status }) => status !== 'ok')]).toEqual([true, []]);
});

test('as text each check is a line, with what to do under those that need it', async () => {
  const service = join(temporaryDirectory('test'), 'none.sock');
  const ran = await runProgram(['doctor', '--port', '0', '--service', service, '--checkpoint', checkpoint()]);
  expect(ran.code).toBe(1);
  expect(ran.output).toMatch(/^ok {4}node {8}Node \d/);
  expect(ran.output).toMatch(
    /\nfail {2}daemon {6}.*no service answers.*\n {18}→ A simulated daemon is started there by: /,
  );
  expect(ran.output).toContain('\nOne check failed.\n');
});

test('a configuration that is wrong is a check that fails, and ends the examination', async () => {
  const { failed, of } = await examine(['--set', 'limits.idle=soon']);
  expect(failed).toEqual(['config']);
  expect(of('config')[0]!.what).toContain('limits.idle');
});

test('a port is free, of a gateway like this one, or taken by somebody else', async () => {
  const gateway = await startGateway();
  const served = await examine(['--port', String(gateway.port)]);
  expect(served.of('port')[0]).toMatchObject({
    status: 'ok',
    what: expect.stringContaining('a gateway serves') as string,
  });
  expect(served.of('answer')[0]!.what).toContain('through the gateway that serves');

  const other = createServer((socket) => void socket.end('SSH-2.0-nothing\r\n'));
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  endWith('test', () => other.close());
  const taken = await examine(['--port', String((other.address() as AddressInfo).port)]);
  expect(taken.failed).toEqual(['port']);
  expect(taken.of('port')[0]!.advice).toContain('--port');
});

test('a gateway of whose keys only hashes are known is not asked, unless a key is given', async () => {
  const gateway = await startGateway({ config: { server: { apiKeys: ['a-key'] } } });
  const file = join(temporaryDirectory('test'), 'gateway.yaml');
  writeFileSync(file, `server: { apiKeys: ["${hashOfKey('a-key')}"] }`);
  const args = ['--port', String(gateway.port), '--config', file];
  const [check] = (await examine(args)).of('answer');
  expect(check).toMatchObject({
    status: 'warn',
    advice: expect.stringContaining('CODEXPC_GATEWAY_API_KEYS') as string,
  });
  const asked = await examine([...args, '--set', 'server.apiKeys=a-key']);
  expect(asked.of('answer')[0]!.what).toContain('through the gateway that serves');
});

test('a daemon of another Harmony is a warning that says what is lost, and a failure where tokens are insisted on', async () => {
  const { service } = await startWatchedDaemon({ handshake: { encodingName: 'HarmonyNext' } });
  const args = ['--service', service, '--checkpoint', checkpoint()];
  const { of, ok } = await examine(args);
  expect([ok, of('harmony')[0]!.status]).toEqual([true, 'warn']);
  expect(of('harmony')[0]!.what).toContain('the model does not think');
  const insisted = await examine([...args, '--set', 'backend.input=tokens']);
  expect(insisted.failed).toEqual(['harmony']);
});

test('a daemon that never answers fails within the time that is given', async () => {
  const { service } = await startDouble(undefined, 'test', 'rude');
  const { failed, of } = await examine(['--service', service, '--checkpoint', checkpoint(), '--timeout', '200']);
  expect(failed).toEqual(['daemon']);
  expect(of('daemon')[0]!.what).toContain('did not answer health');
});

test('a shim that is missing, and a store that can’t be written, are told with what to do', async () => {
  const directory = temporaryDirectory('test');
  const file = join(directory, 'file');
  writeFileSync(file, '');
  const { failed, of } = await examine([
    '--library',
    join(directory, 'none.so'),
    '--set',
    `store.path=${join(file, 'store.db')}`,
  ]);
  expect(failed).toEqual(['store', 'shim']);
  expect(of('store')[0]!.advice).toContain('store.path');
  expect(of('shim')[0]!.advice).toContain('make -C native-shim');
});

test('an old Node is told what is needed', () => {
  expect(checkNode('20.20.1').status).toBe('fail');
  expect(checkNode('18.99.99')).toMatchObject({ status: 'fail', advice: expect.stringContaining('20.20.2') as string });
  for (const version of ['20.20.2', '20.21.0', '24.0.0']) expect(checkNode(version).status).toBe('ok');
});
