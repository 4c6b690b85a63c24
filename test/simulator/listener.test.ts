import { spawn } from 'node:child_process';
import { chmod, mkdir, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { createListener } from '../../src/simulator/listener.ts';
import { createSimulator } from '../../src/simulator/simulator.ts';
import { systemTimers } from '../../src/simulator/timers.ts';
import { finalText, onTokens } from './client.ts';
import { client as connectTo, encoding, onCleanup, prefill, socketPath, start } from './house.ts';

const mode = async (path: string) => (await stat(path)).mode & 0o777;
const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );

test('the folder is made for this user alone, and so is the socket, which goes at the end', async () => {
  const { simulator, path } = await start();
  expect(await mode(dirname(path))).toBe(0o700);
  expect(await mode(path)).toBe(0o600);
  await simulator.close();
  expect(await exists(path)).toBe(false);
});

test('a folder that is there is left as it is', async () => {
  const path = await socketPath();
  await mkdir(dirname(path));
  await chmod(dirname(path), 0o750);
  await start({ socketPath: path });
  expect(await mode(dirname(path))).toBe(0o750);
});

test('a socket on which somebody answers is not taken over', async () => {
  const { path } = await start();
  await expect(start({ socketPath: path })).rejects.toThrow('Another daemon is listening');
  const client = connectTo(path);
  client.send('h', 'health');
  await client.next('h', 'health.ok');
});

test('a socket that a dead daemon left is replaced', async () => {
  const path = await socketPath();
  await mkdir(dirname(path));
  // A process that is killed can't remove its socket.
  const script = `require('net').createServer().listen(${JSON.stringify(path)}, () => console.log('listening'))`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await exited;
  expect(await exists(path)).toBe(true);
  await start({ socketPath: path });
  const client = connectTo(path);
  client.send('h', 'health');
  await client.next('h', 'health.ok');
});

test('what is no socket is not removed', async () => {
  const path = await socketPath();
  await mkdir(dirname(path));
  await writeFile(path, 'precious');
  await expect(start({ socketPath: path })).rejects.toThrow('is no socket');
  expect(await exists(path)).toBe(true);
});

test('a path that is too long for a socket is named', async () => {
  await expect(start({ socketPath: `/tmp/${'x'.repeat(120)}/socket` })).rejects.toThrow('longer than 103 bytes');
});

test('several simulators run in one process, each with engines of its own', async () => {
  const [one, two] = [await start(), await start()];
  const run = async (path: string, text: string) =>
    finalText(await connectTo(path).run('a', onTokens(prefill({ user: `/sim say ${text}` }))));
  expect(await Promise.all([run(one.path, 'first'), run(two.path, 'second')])).toEqual(['first', 'second']);
  expect(one.simulator.engines()).toHaveLength(1);
});

test('closing cuts sessions off, and it can listen again as a new daemon', async () => {
  const { simulator, path } = await start();
  const client = connectTo(path);
  client.send('a', 'create_from_tokens', onTokens(prefill({ user: '/sim hang' })));
  await client.next('a', 'created');
  await simulator.close();
  await client.gone();
  await simulator.listen();
  expect(simulator.sessions()).toBe(0);
  const again = connectTo(path);
  again.send('h', 'health');
  await again.next('h', 'health.ok');
});

test('what failed to listen can be tried again', async () => {
  const path = await socketPath();
  await mkdir(dirname(path));
  const blocker = createServer().listen(path);
  await new Promise((resolve) => blocker.once('listening', resolve));
  const simulator = createSimulator({
    socketPath: path,
    output: 'classic',
    encoding,
    timers: systemTimers,
    log: () => {},
  });
  onCleanup(() => simulator.close());
  await expect(simulator.listen()).rejects.toThrow('Another daemon');
  await new Promise((resolve) => blocker.close(resolve));
  await simulator.listen();
  expect(await exists(path)).toBe(true);
});

test('an unreferenced listener and its connections keep no process alive', async () => {
  const path = await socketPath();
  const seen: boolean[] = [];
  const listener = createListener(path, (socket) => {
    // The handle is what keeps a process alive; there is no public way to ask it.
    const handle = Reflect.get(socket, '_handle') as { hasRef(): boolean };
    seen.push(handle.hasRef());
  });
  onCleanup(() => listener.close());
  listener.unref();
  await listener.open();
  const client = connectTo(path);
  await new Promise<void>((resolve) => {
    const look = () => (seen.length === 1 ? resolve() : setImmediate(look));
    look();
  });
  expect(seen).toEqual([false]);
  await client.close();
});
