import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dictionary } from '../../src/xpc/value.ts';
import { listen, newSocketPath } from './peer.ts';
import { projectRoot, shimPath } from './shim.ts';
import type { Peer } from './peer.ts';

/** Inside the project, so that the compiled modules find their packages. */
let directory: string;
let peer: Peer;
const place = newSocketPath();

beforeAll(async () => {
  directory = mkdtempSync(join(projectRoot, 'native-shim', 'build', 'exit-'));
  // The children are plain node, which can't run TypeScript.
  execFileSync(process.execPath, [
    join(projectRoot, 'node_modules', 'typescript', 'bin', 'tsc'),
    ...'--ignoreConfig --module nodenext --target es2023 --types node --skipLibCheck'.split(' '),
    '--rewriteRelativeImportExtensions',
    '--rootDir',
    join(projectRoot, 'src'),
    '--outDir',
    directory,
    join(projectRoot, 'src', 'backends', 'codexpc', 'library.ts'),
    join(projectRoot, 'src', 'xpc', 'encode.ts'),
  ]);
  peer = await listen(place.path, (_message, connection) => {
    for (let copy = 0; copy < 2000; copy++) connection.send(dictionary({ payload: 'x'.repeat(4096) }));
  });
});

afterAll(async () => {
  await peer.close();
  place.remove();
  rmSync(directory, { recursive: true });
});

/** Runs a program that has `library`, `service`, `Socket` and `message` in a process of its own. */
function run(program: string): Promise<{ code: number | null; signal: string | null; output: string }> {
  const file = join(directory, 'program.mjs');
  const module = (path: string) => JSON.stringify(pathToFileURL(join(directory, path)).href);
  writeFileSync(
    file,
    `import { Socket } from 'node:net';
import { loadLibrary } from ${module('backends/codexpc/library.js')};
import { encodeValue } from ${module('xpc/encode.js')};
const library = loadLibrary(${JSON.stringify(shimPath)});
const service = ${JSON.stringify(place.path)};
const message = encodeValue(new Map());
${program}`,
  );
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, output }));
  });
}

const endedWell = { code: 0, signal: null };

describe('a process that uses the shim', () => {
  test('exits by itself when its connections are closed', async () => {
    const result = await run(`
      const { handle, fd } = library.open(service);
      const socket = new Socket({ fd, readable: true, writable: false });
      socket.resume();
      socket.on('close', () => console.log('ended'));
      library.send(handle, message, null);
      socket.once('data', () => library.close(handle));
    `);
    expect(result).toEqual({ ...endedWell, output: 'ended\n' });
  });

  test('is not kept alive by a connection whose socket is unreferenced', async () => {
    const result = await run(`
      const { fd } = library.open(service);
      const socket = new Socket({ fd, readable: true, writable: false });
      socket.on('data', () => undefined);
      socket.unref();
      process.on('exit', () => console.log('left', socket.destroyed));
    `);
    expect(result).toEqual({ ...endedWell, output: 'left false\n' });
  });

  test('can exit in the middle of events that nobody reads', async () => {
    const result = await run(`
      const { handle, fd } = library.open(service);
      const socket = new Socket({ fd, readable: true, writable: false });
      library.send(handle, message, null);
      // Far more is on its way than the socket holds.
      socket.once('data', () => process.exit(7));
    `);
    expect(result).toEqual({ code: 7, signal: null, output: '' });
  });

  test('dies of an exception like any other', async () => {
    const result = await run(`
      library.open(service);
      library.open('/nowhere.sock');
      throw new Error('on purpose');
    `);
    expect(result).toMatchObject({ code: 1, signal: null });
    expect(result.output).toContain('on purpose');
  });
});
