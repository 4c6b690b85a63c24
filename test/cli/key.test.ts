import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadConfig } from '../../src/config.ts';
import { runProgram } from '../support/run-program.ts';

const hashOf = (key: string) => `sha256:${createHash('sha256').update(key).digest('hex')}`;

test('key makes a new key each time, and what lets it in', async () => {
  const { code, output, errors } = await runProgram(['key', '--name', 'laptop']);
  expect([code, errors]).toEqual([0, '']);
  const key = /^ {2}(sk-codexpc-[\w-]{43})$/m.exec(output)![1]!;
  const file = /^ {2}server:\n(?: {4}.*\n)+/m.exec(output)![0];
  expect(parse(file)).toEqual({ server: { apiKeys: [{ name: 'laptop', key: hashOf(key) }] } });
  const loaded = loadConfig({ flags: [], configFile: 'f', environment: {}, directory: '/', readFile: () => file });
  expect(loaded).toMatchObject({ config: { server: { apiKeys: [{ name: 'laptop', hash: hashOf(key).slice(7) }] } } });
  const again = await runProgram(['key', '--name', 'laptop']);
  expect(again.output).not.toContain(key);
});

test('key prints JSON for programs, and needs no name', async () => {
  const { output } = await runProgram(['key', '--json']);
  const made = JSON.parse(output) as { name: unknown; key: string; hash: string };
  expect(made).toEqual({ name: null, key: expect.stringMatching(/^sk-codexpc-/), hash: hashOf(made.key) });
  const { output: text } = await runProgram(['key']);
  const key = /^ {2}(sk-\S+)$/m.exec(text)![1]!;
  expect(parse(/^ {2}server:\n(?: {4}.*\n)+/m.exec(text)![0])).toEqual({ server: { apiKeys: [hashOf(key)] } });
});

test('a name that is none is a mistake', async () => {
  const { code, output, errors } = await runProgram(['key', '--name', 'my laptop']);
  expect([code, output]).toEqual([2, '']);
  expect(errors).toBe('--name: a name has at most 64 letters, digits, dots and dashes.\n');
});
