import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, inject } from 'vitest';
import { endWith } from '../support/cleanup.ts';
import { temporaryDirectory } from '../support/process.ts';

const cli = fileURLToPath(new URL('node_modules/@openai/codex/bin/codex.js', import.meta.url));
const config = readFileSync(new URL('../../config/codex.config.toml', import.meta.url), 'utf8');
const written = 'http://127.0.0.1:8642/v1';

/** Skips its tests where the CLI could not be installed. */
export const describeCodex = describe.skipIf(inject('codexMissing') !== null);

/** A line of `codex exec --json`. */
export type CodexEvent = {
  readonly type: string;
  readonly thread_id?: string;
  readonly item?: { readonly type: string; readonly [field: string]: unknown };
  readonly message?: string;
  readonly error?: { readonly message: string };
};

export type CodexRun = {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
  /** Those of a run with `--json`. */
  readonly events: readonly CodexEvent[];
};

export type CodexProcess = {
  readonly ended: Promise<CodexRun>;
  /** Ctrl-C. */
  interrupt(): void;
};

/** The Codex CLI, set up by config/codex.config.toml in a home of its own. */
export type Codex = {
  /** Empty at first; Codex works in it. */
  readonly directory: string;
  /** `codex ARGS`. */
  start(args: readonly string[], environment?: Environment): CodexProcess;
  run(args: readonly string[], environment?: Environment): Promise<CodexRun>;
  /** `codex exec --json PROMPT`, with flags before the prompt. */
  exec(prompt: string, flags?: readonly string[]): Promise<CodexRun>;
  /** What Codex keeps of its conversations: the lines of all its session files. */
  sessions(): readonly { readonly type: string; readonly payload: { readonly [field: string]: unknown } }[];
};

type Environment = { readonly [name: string]: string };

/** Without `--json`; for `start`. */
export const execArgs = ['exec', '--skip-git-repo-check', '--strict-config'];
/** Lets commands run without Codex's sandbox, which not every CI machine's kernel has the means for. */
export const unconfined = ['--sandbox', 'danger-full-access'];

/** @param origin the gateway's, as in `http://127.0.0.1:40123`. */
export function createCodex(origin: string): Codex {
  const root = temporaryDirectory('test');
  const [home, directory] = [join(root, 'codex-home'), join(root, 'work')];
  mkdirSync(home);
  mkdirSync(directory);
  if (!config.includes(written)) throw new Error(`config/codex.config.toml does not name ${written}.`);
  writeFileSync(join(home, 'config.toml'), config.replace(written, `${origin}/v1`));

  function start(args: readonly string[], environment: Environment = {}): CodexProcess {
    const child = spawn(process.execPath, [cli, ...args], {
      cwd: directory,
      env: {
        PATH: process.env['PATH'],
        HOME: root,
        TMPDIR: root,
        CODEX_HOME: home,
        // Whatever would leave this machine ends here.
        HTTPS_PROXY: 'http://127.0.0.1:9',
        NO_PROXY: '127.0.0.1',
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A process group of its own, as in a terminal: the script and the binary that it starts.
      detached: true,
    });
    const signalAll = (signal: NodeJS.Signals) => {
      try {
        process.kill(-child.pid!, signal);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
    };
    let output = '';
    let errors = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
    const ended = new Promise<CodexRun>((resolve) => {
      child.once('close', (code) => resolve({ code, output, errors, events: eventsIn(output) }));
    });
    endWith('test', () => {
      signalAll('SIGKILL');
      return ended;
    });
    return { ended, interrupt: () => signalAll('SIGINT') };
  }

  const run: Codex['run'] = (args, environment) => start(args, environment).ended;
  return {
    directory,
    start,
    run,
    exec: (prompt, flags = []) => run([...execArgs, '--json', ...flags, prompt]),
    sessions: () =>
      readdirSync(join(home, 'sessions'), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.jsonl'))
        .flatMap((name) =>
          readFileSync(join(home, 'sessions', name), 'utf8')
            .trimEnd()
            .split('\n'),
        )
        .map((line) => JSON.parse(line) as ReturnType<Codex['sessions']>[number]),
  };
}

function eventsIn(output: string): CodexEvent[] {
  return output
    .split('\n')
    .filter((line) => line.startsWith('{"type":'))
    .map((line) => JSON.parse(line) as CodexEvent);
}

/** The items of this type that Codex has completed. */
export function items({ events }: CodexRun, type: string): readonly { readonly [field: string]: unknown }[] {
  return events.flatMap((event) => (event.type === 'item.completed' && event.item?.type === type ? [event.item] : []));
}

/** The last message, which is Codex's answer; all of the run when there is none, to be read in a failed test. */
export function answerOf(run: CodexRun): string {
  return (items(run, 'agent_message').at(-1)?.['text'] as string | undefined) ?? JSON.stringify(run);
}
