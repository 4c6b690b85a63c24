import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { usualService } from '../../src/config-schema.ts';
import { projectRoot } from '../native/shim.ts';
import { endWith } from '../support/cleanup.ts';
import { startDaemon, temporaryDirectory } from '../support/process.ts';
import { registerDaemon } from './launchd-service.ts';

/** A daemon to test the whole way with. */
export type DaemonKind = {
  readonly name: string;
  /** Why it can't be had here; null: it can. */
  readonly skipped: string | null;
  readonly checkpoint: string;
  /** Milliseconds that a test may take. */
  readonly patience: number;
  /**
   * Makes one ready and resolves with its service, until the file's tests have ended.
   *
   * @param forcedCall a tool call that each session begins with, `name:input`, where the daemon can be told so.
   */
  start(forcedCall?: string): Promise<string>;
};

/** Asks for an answer that would take minutes; the simulator has a rule for it. */
export const longQuestion = 'Count from 1 to 3000. Write every number on a line of its own.';

const rules = { rules: [{ when: { contains: 'Count from 1' }, do: ['pace 2000', 'repeat 1000000 and so on'] }] };

const simulator: DaemonKind = {
  name: 'the simulator',
  skipped: null,
  checkpoint: '/models/simulated.bin',
  patience: 30_000,
  async start() {
    const directory = temporaryDirectory('file');
    const script = join(directory, 'script.yaml');
    // YAML takes JSON.
    writeFileSync(script, JSON.stringify(rules));
    const service = join(directory, 'daemon.sock');
    await startDaemon(service, ['--script', script], 'file');
    return service;
  },
};

/** The C daemon that stands for the real one over real XPC, here over the stand-in's sockets. */
const testDaemon: DaemonKind = {
  name: 'the test daemon',
  skipped: null,
  checkpoint: '/models/none.bin',
  patience: 30_000,
  async start(forcedCall) {
    const make = spawnSync('make', ['-s', '-C', join(projectRoot, 'native-shim'), 'testdaemon'], { encoding: 'utf8' });
    if (make.status !== 0) throw new Error(make.stdout + make.stderr);
    const service = join(temporaryDirectory('file'), 'daemon.sock');
    const program = join(projectRoot, 'native-shim', 'build', 'testdaemon_standin');
    const forced = forcedCall === undefined ? {} : { CODEXPC_TEST_FORCE_TOOL: forcedCall };
    const child = spawn(program, ['--service', service], { env: { ...process.env, ...forced }, stdio: 'inherit' });
    const exited = once(child, 'close');
    endWith('file', () => {
      child.kill();
      return exited;
    });
    while (!(await listens(service))) await setTimeout(5);
    return service;
  },
};

async function listens(path: string): Promise<boolean> {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

const { CODEXPC_CHECKPOINT: checkpoint, CODEXPCD_BIN: installed, CODEXPC_SERVICE: service } = process.env;

/** Over Apple's XPC: the daemon that `CODEXPCD_BIN` names, registered for these tests, else the one that is running. */
const realDaemon: DaemonKind = {
  name: 'the real daemon',
  skipped: whyNoRealDaemon(),
  checkpoint: checkpoint ?? '',
  patience: 600_000,
  async start(forcedCall) {
    if (!installed) return service || usualService;
    const program = resolve(installed);
    return forcedCall === undefined
      ? registerDaemon(program, 'plain', {})
      : registerDaemon(program, 'forced', { CODEXPC_TEST_FORCE_TOOL: forcedCall });
  },
};

function whyNoRealDaemon(): string | null {
  if (process.platform !== 'darwin') return `XPC is a part of macOS, and this system is ${process.platform}`;
  return checkpoint ? null : 'CODEXPC_CHECKPOINT names no model file';
}

export const daemonKinds: readonly DaemonKind[] = [simulator, testDaemon, realDaemon];
