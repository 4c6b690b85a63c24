import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeSteps, perform } from '../../../src/cli/service/step.ts';
import type { Command, Step } from '../../../src/cli/service/step.ts';
import { runCommand, systemTools } from '../../../src/cli/service/system.ts';
import { temporaryDirectory } from '../../support/process.ts';

/** The system's tools, but for commands, whose results are given; and what was run. */
function tools(statuses: readonly (number | null)[]) {
  const ran: string[] = [];
  const left = [...statuses];
  const run = (command: Command) => {
    ran.push(command.join(' '));
    return { status: left.length > 0 ? left.shift()! : 0, output: 'its words\n' };
  };
  return { ran, tools: { ...systemTools, run, pause: () => Promise.resolve() } };
}

test('the steps are done in their order, with files that only their user may read', async () => {
  const directory = join(temporaryDirectory('test'), 'a', 'b');
  const path = join(directory, 'file');
  const { tools: system, ran } = tools([]);
  const steps: Step[] = [
    { do: 'make-directory', path: directory },
    { do: 'write-file', path, text: 'first' },
    { do: 'run', command: ['program', 'argument'], mayFail: false },
  ];
  await perform(steps, system);
  expect([readFileSync(path, 'utf8'), statSync(path).mode & 0o777, ran]).toEqual([
    'first',
    0o600,
    ['program argument'],
  ]);
  writeFileSync(join(directory, 'open'), '', { mode: 0o644 });
  await perform([{ do: 'write-file', path: join(directory, 'open'), text: 'second' }], system);
  expect(statSync(join(directory, 'open')).mode & 0o777).toBe(0o600);
  await perform(
    [
      { do: 'remove-file', path },
      { do: 'remove-file', path },
    ],
    system,
  );
  expect(existsSync(path)).toBe(false);
});

test('a command that fails ends it, unless it may', async () => {
  const bootout: Step = { do: 'run', command: ['launchctl', 'bootout'], mayFail: true };
  const bootstrap: Step = { do: 'run', command: ['launchctl', 'bootstrap'], mayFail: false };
  const failing = tools([3, 5]);
  await expect(perform([bootout, bootstrap, bootout], failing.tools)).rejects.toThrow(
    'launchctl bootstrap failed (5): its words',
  );
  expect(failing.ran).toHaveLength(2);
  await expect(perform([bootout], tools([null]).tools)).rejects.toThrow('launchctl could not be started: its words');
});

test('an old agent is awaited until it is gone, but not for ever', async () => {
  const step: Step = { do: 'await-failure', command: ['launchctl', 'print'] };
  const ending = tools([0, 0, 113]);
  await perform([step], ending.tools);
  expect(ending.ran).toHaveLength(3);
  await expect(perform([step], tools([]).tools)).rejects.toThrow('The old one does not end');
});

test('what is described can be pasted into a shell', () => {
  const text = describeSteps([
    { do: 'run', command: ['launchctl', 'bootstrap', "/users/it's me/a b"], mayFail: false },
  ]);
  expect(text).toBe("run launchctl bootstrap '/users/it'\\''s me/a b'\n");
});

test('a real command tells how it ended, and one that is not there that it is not', () => {
  expect(runCommand(['sh', '-c', 'echo out; echo err >&2; exit 3'])).toEqual({ status: 3, output: 'out\nerr\n' });
  expect(runCommand(['sh', '-c', 'kill -9 $$'])).toMatchObject({ status: 1 });
  expect(runCommand(['no-such-program-at-all'])).toMatchObject({ status: null });
});
