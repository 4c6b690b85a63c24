import { spawnSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import type { RunCommand, StepTools } from './step.ts';

export const runCommand: RunCommand = ([program, ...args]) => {
  const { error, status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (error !== undefined) return { status: null, output: error.message };
  // One that was ended by a signal has failed.
  return { status: status ?? 1, output: stdout + stderr };
};

export const systemTools: StepTools = {
  run: runCommand,
  makeDirectory: (path) => void mkdirSync(path, { recursive: true }),
  writeFile(path, text) {
    // Nobody reads half of it, and an older file's permissions don't stay.
    const scratch = `${path}.new`;
    rmSync(scratch, { force: true });
    writeFileSync(scratch, text, { mode: 0o600 });
    renameSync(scratch, path);
  },
  removeFile: (path) => rmSync(path, { force: true }),
  pause: (milliseconds) => setTimeout(milliseconds),
};
