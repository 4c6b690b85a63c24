import type { Backend } from '../backends/backend.ts';
import type { Config } from '../config-decide.ts';
import { createEncoding } from '../harmony/encoding.ts';
import { connectBackend } from './connect.ts';
import { fail } from './doctor-check.ts';
import type { Check } from './doctor-check.ts';
import { checkAnswer, checkDaemon, checkShim } from './doctor-daemon.ts';
import { checkCheckpoints, checkConfig, checkNode, checkPort, checkStore } from './doctor-system.ts';
import { exitCodes } from './exit-codes.ts';
import type { Waiting } from './waiting.ts';

export type DoctorOptions = {
  readonly nodeVersion: string;
  /** The configuration, or what is wrong with it. */
  readonly loaded:
    | { readonly config: Config; readonly file: string | null; readonly warnings: readonly string[] }
    | { readonly problems: readonly string[] };
  /** Milliseconds to wait for each answer. */
  readonly timeout: number;
  readonly json: boolean;
  readonly print: (text: string) => void;
  readonly waiting: Waiting;
};

/**
 * Looks at everything that has to be right for answers, in the order in which one thing needs the other, and says of
 * each how it is and what to do. Changes nothing.
 *
 * @returns the exit code: that of a failure if a check failed.
 */
export async function doctor(options: DoctorOptions): Promise<number> {
  const { json, print } = options;
  const checks: Check[] = [];
  for await (const check of look(options)) {
    checks.push(check);
    if (!json) print(lineOf(check));
  }
  const failed = checks.filter(({ status }) => status === 'fail').length;
  if (json) print(`${JSON.stringify({ ok: failed === 0, checks })}\n`);
  else if (failed > 0) print(`\n${failed === 1 ? 'One check' : `${failed} checks`} failed.\n`);
  return failed > 0 ? exitCodes.failed.code : exitCodes.done.code;
}

async function* look({ nodeVersion, loaded, timeout, waiting }: DoctorOptions): AsyncGenerator<Check, void, undefined> {
  yield checkNode(nodeVersion);
  if ('problems' in loaded) {
    const advice =
      'config/gateway.example.yaml shows every setting; codexpc-gateway config show prints those in force.';
    for (const problem of loaded.problems) yield fail('config', problem, advice);
    return;
  }
  const { config, file, warnings } = loaded;
  yield* checkConfig(config, file, warnings);
  const { check: port, serving } = await checkPort(config);
  yield port;
  yield checkStore(config);
  yield* checkCheckpoints(config);
  const shim = checkShim(config);
  yield shim;
  if (shim.status === 'fail') return;
  const encoding = createEncoding();
  let backend: Backend;
  try {
    backend = await connectBackend(config, encoding, () => undefined);
  } catch (error) {
    yield fail('daemon', (error as Error).message, 'Correct what the message names.');
    return;
  }
  try {
    const daemon = await shown(waiting('asking the daemon'), checkDaemon(config, backend, timeout));
    yield* daemon;
    if (daemon.some(({ name, status }) => name === 'daemon' && status === 'fail')) return;
    const answer = checkAnswer(config, backend, encoding, serving, timeout);
    yield await shown(waiting('waiting for a token; the model may have to be loaded first'), answer);
  } finally {
    await backend.close();
  }
}

async function shown<Value>(waited: () => void, value: Promise<Value>): Promise<Value> {
  try {
    return await value;
  } finally {
    waited();
  }
}

function lineOf({ name, status, what, advice }: Check): string {
  const line = `${status.padEnd(5)} ${name.padEnd(11)} ${what}\n`;
  return advice === null ? line : `${line}${' '.repeat(18)}→ ${advice}\n`;
}
