import { readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openLogFile } from '../../src/cli/log-file.ts';
import { call } from '../support/client.ts';
import { startGateway, temporaryDirectory } from '../support/process.ts';

const refuse = (message: string) => {
  throw new Error(message);
};

test('a log never holds more than two files of its size, and loses no line of the newer one', () => {
  const directory = temporaryDirectory('test');
  const path = join(directory, 'logs', 'gateway.log');
  const log = openLogFile(path, 100, refuse);
  const lines = Array.from({ length: 50 }, (_, index) => `line ${String(index).padStart(14, '0')}\n`);
  for (const line of lines) log.write(line);
  expect(readdirSync(join(directory, 'logs')).sort()).toEqual(['gateway.log', 'gateway.log.1']);
  // Five lines of twenty bytes fill a file.
  expect(readFileSync(`${path}.1`, 'utf8')).toBe(lines.slice(40, 45).join(''));
  expect(readFileSync(path, 'utf8')).toBe(lines.slice(45).join(''));
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('a log is continued where it was left, and a line larger than the bound is kept whole', () => {
  const path = join(temporaryDirectory('test'), 'gateway.log');
  writeFileSync(path, 'é'.repeat(45));
  const log = openLogFile(path, 100, refuse);
  log.write('ten bytes\n');
  expect(readFileSync(path, 'utf8')).toBe(`${'é'.repeat(45)}ten bytes\n`);
  log.write(`${'x'.repeat(500)}\n`);
  expect(statSync(path).size).toBe(501);
  log.write('next\n');
  expect([readFileSync(path, 'utf8'), statSync(`${path}.1`).size]).toEqual(['next\n', 501]);
});

test('a log that can no longer be written says so once, and the gateway goes on', () => {
  const directory = temporaryDirectory('test');
  const path = join(directory, 'logs', 'gateway.log');
  const complaints: string[] = [];
  const log = openLogFile(path, 30, (message) => complaints.push(message));
  log.write('twenty bytes or more\n');
  rmSync(join(directory, 'logs'), { recursive: true });
  for (const line of ['one that needs a new file\n', 'another that needs one\n']) log.write(line);
  expect(complaints).toEqual([expect.stringMatching(/^The log file can't be written: ENOENT.*\n$/)]);
  expect(() => openLogFile(directory, 100, refuse)).toThrow(/^The log file can't be opened: .*setting log\.file\.$/);
});

test('a gateway with a log file leaves its standard error alone', async () => {
  const path = join(temporaryDirectory('test'), 'gateway.log');
  const gateway = await startGateway({ config: { log: { file: path } } });
  await call(`${gateway.origin}/v1/responses`, { body: { model: 'm', input: 'x' } });
  gateway.kill('SIGTERM');
  await gateway.exited;
  expect(gateway.errors()).toBe('');
  const messages = readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { msg: string }).msg);
  expect(messages).toContain('turn');
});
