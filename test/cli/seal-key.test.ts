import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { configuredSeals, readOrMakeKey } from '../../src/cli/seal-key.ts';
import { loadConfig } from '../../src/config.ts';
import { temporaryDirectory } from '../support/process.ts';

const newPath = () => join(temporaryDirectory('test'), 'made', 'seal.key');

test('a key is made once, for its owner’s eyes only', () => {
  const path = newPath();
  const key = readOrMakeKey(path);
  expect(key).toHaveLength(32);
  expect(readOrMakeKey(path)).toEqual(key);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
  expect(readdirSync(dirname(path))).toEqual(['seal.key']);
});

test('a key that others may read is made private', () => {
  const path = newPath();
  mkdirSync(dirname(path));
  writeFileSync(path, Buffer.alloc(32, 1).toString('base64'), { mode: 0o644 });
  expect(readOrMakeKey(path)).toEqual(Buffer.alloc(32, 1));
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('gateways that make a key at once get the same one', async () => {
  const path = newPath();
  const module = new URL('../../dist/cli/seal-key.js', import.meta.url).href;
  const program = `
    const { readOrMakeKey } = await import(process.argv[1]);
    process.stdout.write(Buffer.from(readOrMakeKey(process.argv[2])).toString('hex'));`;
  const run = () => promisify(execFile)(process.execPath, ['--input-type=module', '-e', program, module, path]);
  const keys = (await Promise.all([run(), run(), run(), run()])).map(({ stdout }) => stdout);
  expect(new Set(keys).size).toBe(1);
  expect(keys[0]).toMatch(/^[0-9a-f]{64}$/);
  expect(readdirSync(dirname(path))).toEqual(['seal.key']);
});

test.each(['', 'short', 'not base64 at all, but long enough to be mistaken for it, is it?'])(
  'what is no key is left alone: %j',
  (text) => {
    const path = newPath();
    mkdirSync(dirname(path));
    writeFileSync(path, text);
    expect(() => readOrMakeKey(path)).toThrow(/holds no key/);
    expect(readFileSync(path, 'utf8')).toBe(text);
  },
);

function configOf(settings: string) {
  const loaded = loadConfig({
    flags: [],
    configFile: '/gateway.yaml',
    environment: {},
    directory: '/',
    readFile: () => settings,
  });
  if ('problems' in loaded) throw new Error(loaded.problems.join('\n'));
  return loaded.config;
}

test('seals outlive the process where a path is configured', () => {
  const config = configOf(`store: { sealKey: ${newPath()} }`);
  const sealed = configuredSeals(config, () => undefined).seal('reasoning', 'Hm.');
  expect(configuredSeals(config, () => undefined).open('reasoning', sealed).type).toBe('text');
});

test('the embedded simulator’s seals are good for one run', () => {
  const seals = configuredSeals(configOf('{}'), () => undefined);
  const sealed = seals.seal('reasoning', 'Hm.');
  expect(seals.open('reasoning', sealed).type).toBe('text');
  expect(configuredSeals(configOf('{}'), () => undefined).open('reasoning', sealed).type).toBe('foreign');
});

test('a key that can’t be kept is complained of once, and turns go on', () => {
  const troubles: unknown[] = [];
  const seals = configuredSeals(configOf('store: { sealKey: /dev/null/seal.key }'), (error) => troubles.push(error));
  expect(seals.open('reasoning', seals.seal('reasoning', 'Hm.')).type).toBe('text');
  expect(troubles).toHaveLength(1);
});
