import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { endWith } from './cleanup.ts';
import type { Lifetime } from './cleanup.ts';
import { createCondition } from './condition.ts';

const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

/** The built program, running in a process of its own. */
export type Program = {
  readonly pid: number;
  /** What it has printed, and what it has written to its standard error. */
  output(): string;
  errors(): string;
  /** Resolves at what `find` finds, looked for whenever something is printed; rejects when the program has ended. */
  until<Found>(find: () => Found | undefined | null | false): Promise<Found>;
  readonly exited: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  kill(signal: NodeJS.Signals): void;
};

/** A directory that is removed when its time is over. */
export function temporaryDirectory(lifetime: Lifetime): string {
  const directory = mkdtempSync(join(tmpdir(), 'codexpc-test-'));
  endWith(lifetime, () => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Runs `codexpc-gateway` with these arguments, in an empty directory, with none of this process's environment. */
export function startProgram(
  args: readonly string[],
  lifetime: Lifetime = 'test',
  environment: { readonly [name: string]: string } = {},
): Program {
  const cwd = temporaryDirectory(lifetime);
  const child = spawn(process.execPath, [main, ...args], {
    cwd,
    env: { PATH: process.env['PATH'], HOME: cwd, TMPDIR: cwd, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const record = createCondition();
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    record.changed();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
    record.changed();
  });
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('close', (code, signal) => {
      record.closed(() => `the program has ended (${signal ?? code})\n${output}\n${errors}`);
      resolve({ code, signal });
    });
  });
  endWith(lifetime, () => {
    // A stopped process takes this too.
    child.kill('SIGKILL');
    return exited;
  });
  return {
    pid: child.pid!,
    output: () => output,
    errors: () => errors,
    until: record.until,
    exited,
    kill: (signal) => void child.kill(signal),
  };
}

export type LogLine = { readonly level: number; readonly msg: string } & { readonly [key: string]: unknown };

export type GatewayProcess = Program & {
  /** As in `http://127.0.0.1:40123`. */
  readonly origin: string;
  readonly port: number;
  /** The lines logged so far. */
  log(): LogLine[];
  /** The first logged line that fits, awaited. */
  untilLogged(fits: (line: LogLine) => boolean): Promise<LogLine>;
};

export type GatewaySettings = {
  /** The service to use, a socket; absent: the embedded simulator. */
  readonly service?: string;
  /** Settings as in the configuration file. */
  readonly config?: { readonly [section: string]: unknown };
  readonly args?: readonly string[];
  /** Beside what every program gets. */
  readonly environment?: { readonly [name: string]: string };
  readonly lifetime?: Lifetime;
};

/** Runs the gateway on a free port, and resolves when it has said where it listens. */
export async function startGateway(settings: GatewaySettings = {}): Promise<GatewayProcess> {
  const { service, config = {}, args = [], lifetime = 'test', environment = {} } = settings;
  const file = join(temporaryDirectory(lifetime), 'gateway.yaml');
  // YAML takes JSON.
  writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
  const daemon = service === undefined ? [] : ['--service', service];
  const checkpoint = service === undefined || 'models' in config ? [] : ['--checkpoint', 'gpt-oss-20b'];
  const flags = ['--config', file, '--port', '0', '--log-format', 'json', ...daemon, ...checkpoint, ...args];
  const program = startProgram(['serve', ...flags], lifetime, environment);
  const url = await program.until(() => /listens on (http:\/\/\S+):(\d+)\/v1\n/.exec(program.output()));
  const log = () =>
    program
      .errors()
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as LogLine);
  return {
    ...program,
    origin: `${url[1]}:${url[2]}`,
    port: Number(url[2]),
    log,
    untilLogged: (fits) => program.until(() => log().find(fits)),
  };
}

/** Runs a simulated daemon on this socket, and resolves when it listens. */
export async function startDaemon(
  socketPath: string,
  args: readonly string[] = [],
  lifetime: Lifetime = 'test',
): Promise<Program> {
  const flags = ['--service', socketPath, '--log-format', 'json', ...args];
  const program = startProgram(['simulate', ...flags], lifetime);
  await program.until(() => program.output().includes('listens on'));
  return program;
}
