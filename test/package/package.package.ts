import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { call } from '../support/client.ts';
import { checkout, packAndInstall } from './installed.ts';
import type { InstalledPackage } from './installed.ts';

type Manifest = { version: string; bin: Record<string, string>; scripts: Record<string, string> };

const manifest = JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8')) as Manifest;

let installed: InstalledPackage;
beforeAll(() => {
  installed = packAndInstall();
});

const filesUnder = (...parts: string[]) =>
  readdirSync(join(checkout, ...parts), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(checkout.length));

/** What belongs into the package, wherever it is in the checkout. */
const wanted = [
  /^(package\.json|README\.md|LICENSE|CHANGELOG\.md)$/,
  /^(config|docs)\//,
  /^dist\/.+\.js$/,
  /^dist\/page\/[^/]+\.(html|css|svg)$/,
  /^native-shim\/(Makefile|exports\.txt)$/,
  /^native-shim\/(include|src|standin)\/.+\.[ch]$/,
];

const prebuilt = {
  darwin: ['libcodexpc_shim.dylib', 'libcodexpc_shim_standin.dylib'],
  'linux-arm64': ['libcodexpc_shim_standin.so'],
  'linux-x64': ['libcodexpc_shim_standin.so'],
};
const prebuiltFiles = Object.entries(prebuilt).flatMap(([system, names]) =>
  names.map((name) => `native-shim/prebuilt/${system}/${name}`),
);

const isPrebuilt = (path: string) => path.startsWith('native-shim/prebuilt/');
const inPlainOrder = (paths: readonly string[]) => paths.toSorted((one, other) => (one < other ? -1 : 1));

test('the tarball has all that running needs, and nothing else', () => {
  const top = ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md'];
  const tree = [...top, ...['config', 'docs', 'dist', 'native-shim'].flatMap((folder) => filesUnder(folder))];
  const expected = tree.filter((path) => wanted.some((pattern) => pattern.test(path)));
  expect(expected.length).toBeGreaterThan(150);
  // What was built here for the tests must not slip in.
  const sources = expected.filter((path) => !path.startsWith('native-shim/build/'));
  expect(inPlainOrder(installed.files.filter((path) => !isPrebuilt(path)))).toEqual(inPlainOrder(sources));
});

test('the tarball brings the shim for every system, or packing has said why not', ({ skip }) => {
  const brought = installed.files.filter(isPrebuilt);
  if (installed.leftOut !== null) {
    expect(brought.length).toBeLessThan(prebuiltFiles.length);
    skip(installed.leftOut);
  }
  expect(inPlainOrder(brought)).toEqual(inPlainOrder(prebuiltFiles));
  for (const path of prebuiltFiles.filter((name) => name.endsWith('.dylib'))) {
    const check = spawnSync(process.execPath, [
      join(checkout, 'native-shim/macos/check.js'),
      join(installed.root, path),
    ]);
    expect([check.status, check.stdout.toString()]).toEqual([0, expect.stringMatching(/^ok - /)]);
  }
  const names = readFileSync(join(checkout, 'native-shim/exports.txt'), 'utf8');
  for (const path of prebuiltFiles.filter((name) => name.endsWith('.so'))) {
    const { stdout } = spawnSync('nm', ['-D', '--defined-only', join(installed.root, path)], { encoding: 'utf8' });
    expect(stdout.replace(/^.* /gm, '')).toBe(names);
  }
});

test('npm start and the package run the same code', () => {
  expect(manifest.bin).toEqual({ 'codexpc-gateway': 'dist/main.js' });
  expect(manifest.scripts['start']).toMatch(/ node dist\/main\.js$/);
  for (const path of installed.files.filter((name) => name.startsWith('dist/'))) {
    expect(readFileSync(join(installed.root, path)).equals(readFileSync(join(checkout, path))), path).toBe(true);
  }
});

test('npx tells the version that was packed', () => {
  const { status, stdout } = installed.npx('--version');
  expect([status, stdout]).toEqual([0, `${manifest.version}\n`]);
});

const ask = (url: string) =>
  call(`${url}/v1/responses`, { body: { model: 'gpt-oss-20b', input: '/sim say packed well' } });

test('npx serves with the shim that the package brings, without a compiler', async ({ skip }) => {
  const system = process.platform === 'darwin' ? 'darwin' : `${process.platform}-${process.arch}`;
  if (!existsSync(join(installed.root, 'native-shim', 'prebuilt', system))) {
    skip(installed.leftOut ?? `there is no shim for ${system}`);
  }
  const url = await installed.serve();
  const answer = await ask(url);
  expect(answer.status).toBe(200);
  expect(answer.headers['x-codexpc-backend']).toBe('simulator');
  expect(answer.text).toContain('"text":"packed well"');
  expect((await call(`${url}/healthz`)).json()).toEqual({ status: 'ok', version: manifest.version });
});

test('without a shim for the system the package says how to build it, and that works', async () => {
  rmSync(join(installed.root, 'native-shim', 'prebuilt'), { recursive: true, force: true });
  const { status, stderr } = installed.npx('chat', '/sim say hello');
  const command = /"(make -C [^"]+)"/.exec(stderr)?.[1];
  expect([status, command]).toEqual([1, `make -C ${join(installed.root, 'native-shim')}`]);
  expect(spawnSync('sh', ['-c', command!]).status).toBe(0);
  expect((await ask(await installed.serve())).text).toContain('"text":"packed well"');
});

test('an agent of the package starts the installed file', () => {
  const { status, stdout } = installed.npx('install', '--dry-run');
  expect([status, stdout]).toEqual([0, expect.stringContaining(join(installed.root, 'dist', 'main.js'))]);
});
