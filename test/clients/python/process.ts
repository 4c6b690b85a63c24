import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { endWith } from '../../support/cleanup.ts';
import { temporaryDirectory } from '../../support/process.ts';
import { prompts } from '../exercises.ts';
import type { Client, Exercise, Place } from '../exercises.ts';

/** A Python client in a process of its own, until the file's tests have run. */
export type PythonClients = { readonly [api: string]: Client };

/** Runs a script that ends with `serve` of exercise.py; resolves when its imports are done. */
export async function startPython(python: string, script: string): Promise<PythonClients> {
  const home = temporaryDirectory('file');
  const child = spawn(python, ['-u', fileURLToPath(new URL(script, import.meta.url))], {
    cwd: home,
    env: {
      PATH: process.env['PATH'],
      HOME: home,
      TMPDIR: home,
      PYTHONUTF8: '1',
      PYTHONDONTWRITEBYTECODE: '1',
      // Else it fetches its price list at every start.
      LITELLM_LOCAL_MODEL_COST_MAP: 'True',
      // Whatever would leave this machine ends here.
      HTTPS_PROXY: 'http://127.0.0.1:9',
      HTTP_PROXY: 'http://127.0.0.1:9',
      NO_PROXY: '127.0.0.1',
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  endWith('file', () => {
    child.kill('SIGKILL');
    return ended;
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();

  async function read<Line>(): Promise<Line> {
    const { done, value } = await lines.next();
    if (done === true) throw new Error(`${script} has ended\n${errors}`);
    return JSON.parse(value) as Line;
  }

  async function perform(api: string, exercise: Exercise, place: Place): Promise<unknown> {
    child.stdin.write(`${JSON.stringify({ api, exercise, prompt: prompts[exercise], place })}\n`);
    const line = await read<{ outcome: unknown } | { failure: string }>();
    if ('failure' in line) throw new Error(line.failure);
    return line.outcome;
  }

  const { exercises } = await read<{ exercises: { [api: string]: Exercise[] } }>();
  return Object.fromEntries(
    Object.entries(exercises).map(([api, names]) => [
      api,
      Object.fromEntries(names.map((name) => [name, (place: Place) => perform(api, name, place)])) as Client,
    ]),
  );
}
