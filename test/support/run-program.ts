import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { temporaryDirectory } from './process.ts';

const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

export type Ran = { readonly code: number | null; readonly output: string; readonly errors: string };

/** Runs `codexpc-gateway` to its end in an empty directory, with this standard input and nothing of the environment. */
export function runProgram(
  args: readonly string[],
  { input = '', environment = {} }: { readonly input?: string; readonly environment?: Record<string, string> } = {},
): Promise<Ran> {
  const cwd = temporaryDirectory('test');
  const child = spawn(process.execPath, [main, ...args], {
    cwd,
    env: { PATH: process.env['PATH'], HOME: cwd, TMPDIR: cwd, ...environment },
  });
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  child.stdin.end(input);
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, output, errors })));
}
