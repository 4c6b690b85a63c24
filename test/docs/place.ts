import { spawn } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { temporaryDirectory } from '../support/process.ts';
import { root } from './documents.ts';

/** The address that documents give the gateway. */
const writtenPort = 8642;

/** Where the blocks of one document run, one after the other: what one leaves behind, the next finds. */
export type Place = {
  /** The home directory, and in it the working directory, which has the checkout's config/. */
  readonly home: string;
  readonly work: string;
  /** A text of the document, with the real address of the gateway. */
  toReal(text: string): string;
  /** Output, with what is different in each run as documents write it. */
  toWritten(output: string): string;
  /**
   * Runs a program to its end and gives what it has printed.
   *
   * @throws Error when it fails or takes longer than 100 s.
   */
  run(command: string, args: readonly string[], cwd?: string): Promise<string>;
};

export function createPlace(port: number): Place {
  const home = temporaryDirectory('file');
  const work = join(home, 'work');
  mkdirSync(work);
  cpSync(join(root, 'config'), join(work, 'config'), { recursive: true });
  const bin = join(home, '.bin');
  mkdirSync(bin);
  writePrograms(bin);
  const environment = {
    PATH: `${bin}:${dirname(process.execPath)}:${process.env['PATH']}`,
    HOME: home,
    TMPDIR: home,
    PYTHONDONTWRITEBYTECODE: '1',
    // Commands that ask the gateway at the configured address ask this one.
    CODEXPC_GATEWAY_PORT: String(port),
    // LiteLLM would fetch its list of prices, and nothing else has a way off this machine either.
    LITELLM_LOCAL_MODEL_COST_MAP: 'True',
    HTTPS_PROXY: 'http://127.0.0.1:9',
    NO_PROXY: '127.0.0.1',
  };
  return {
    home,
    work,
    toReal: (text) => text.replaceAll(`127.0.0.1:${writtenPort}`, `127.0.0.1:${port}`),
    toWritten: (output) =>
      output
        .replaceAll(work, '~/work')
        .replaceAll(home, '~')
        .replaceAll(new RegExp(`\\b${port}\\b`, 'g'), `${writtenPort}`),
    run: (command, args, cwd = work) => runToEnd(command, args, { cwd, env: environment }),
  };
}

/** What documents call by name. A request that is refused fails its block, which curl alone would not. */
function writePrograms(bin: string): void {
  symlinkSync(process.execPath, join(bin, 'node'));
  const gateway = `'${process.execPath}' '${join(root, 'test/docs/bin/codexpc-gateway.js')}' "$@"`;
  const programs = {
    'codexpc-gateway': `exec ${gateway}`,
    npm: `[ "$1" = start ] || { echo "npm $1 is not run in documents" >&2; exit 1; }\nshift\n[ "$1" = -- ] && shift\nexec ${gateway}`,
    curl: `exec "$(PATH="\${PATH#*:}" command -v curl)" --silent --show-error --fail-with-body "$@"`,
  };
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(bin, name), 0o755);
  }
}

function runToEnd(
  command: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Promise<string> {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'], timeout: 100_000 });
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (code === 0) resolve(output);
      else reject(new Error(`it ended with ${signal ?? code}\n${output}\n${errors}`));
    });
  });
}
