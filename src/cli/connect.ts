import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Backend } from '../backends/backend.ts';
import { createCodexpcBackend } from '../backends/codexpc/backend.ts';
import type { CodexpcOptions } from '../backends/codexpc/backend.ts';
import { findLibrary, loadLibrary } from '../backends/codexpc/library.ts';
import type { ShimVariant } from '../backends/codexpc/library.ts';
import type { Config } from '../config-decide.ts';
import type { Encoding } from '../harmony/encoding.ts';
import { readScript } from './script-file.ts';
import { randomRequestId, systemClock } from './runtime.ts';
import type { SimulatorScript } from '../simulator/script.ts';
import { createSimulator } from '../simulator/simulator.ts';
import { systemTimers } from '../simulator/timers.ts';
import type { Simulator } from '../simulator/simulator.ts';

/** Of a session, in characters and token ids. A context of 131072 tokens, all of the longest, has a quarter of it. */
const longestOutput = 64 * 1024 * 1024;

/** The directory that holds package.json: this file is one folder below `src/` or `dist/`. */
export const projectRoot = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/**
 * The backend that the configuration asks for. A simulator is started for it first, where it is one, on a socket of
 * its own; closing the backend ends it. A script goes before the configured one.
 *
 * @param onWarning told what somebody should know about the daemon; absent: as what is merely odd.
 * @throws GatewayError `backend_unavailable` when the shim can't be loaded.
 */
export async function connectBackend(
  config: Config,
  encoding: Encoding,
  onOddity: (what: string) => void,
  onWarning: (what: string) => void = onOddity,
  script: SimulatorScript | null = null,
): Promise<Backend> {
  const told = { onOddity, onWarning };
  if (config.backend.type === 'codexpc') return openBackend('codexpc', config.backend.service, config, told);
  const directory = mkdtempSync(join(tmpdir(), 'codexpc-'));
  const socketPath = join(directory, 'simulator.sock');
  try {
    const simulator = createSimulator({
      ...simulatorOptions(config, encoding),
      ...(script === null ? {} : { script }),
      socketPath,
      log: onOddity,
    });
    const backend = openBackend('simulator', socketPath, config, told);
    await simulator.listen();
    simulator.unref();
    return { ...backend, close: () => closeBoth(backend, simulator, directory) };
  } catch (error) {
    rmSync(directory, { recursive: true, force: true });
    throw error;
  }
}

async function closeBoth(backend: Backend, simulator: Simulator, directory: string): Promise<void> {
  await backend.close();
  await simulator.close();
  rmSync(directory, { recursive: true, force: true });
}

/** What a simulator of this configuration is, wherever it listens. */
export function simulatorOptions(config: Config, encoding: Encoding) {
  const { output, script, pace } = config.simulator;
  return {
    output,
    encoding,
    timers: systemTimers,
    ...(pace === 0 ? {} : { pace }),
    ...(script === null ? {} : { script: readScript(script) }),
  };
}

function openBackend(
  name: Backend['name'],
  service: string,
  { backend, limits }: Config,
  told: Pick<CodexpcOptions, 'onOddity' | 'onWarning'>,
): Backend {
  return createCodexpcBackend({
    name,
    library: loadLibrary(libraryFor(service, backend.library)),
    service,
    input: backend.input,
    askForTokens: backend.tokenOutput === 'auto',
    cancelGrace: limits.cancelGrace,
    prefillGrace: limits.firstToken,
    greetingTimeout: limits.greeting,
    longestOutput,
    elapsed: systemClock.elapsed,
    newRequestId: randomRequestId,
    ...told,
  });
}

/**
 * Path of the native shim that this configuration loads.
 *
 * @throws GatewayError `backend_unavailable` when it isn't built, or when this system has none of its kind.
 */
export function shimPath({ backend }: Config): string {
  // The embedded simulator listens at a path.
  return libraryFor(backend.type === 'simulator' ? '/' : backend.service, backend.library);
}

function libraryFor(service: string, configured: string | null): string {
  return configured ?? findLibrary({ variant: variantFor(service), root: projectRoot });
}

/** A service that is a path is a simulator's socket; a name is a Mach service where there are any. */
function variantFor(service: string): ShimVariant {
  return process.platform === 'darwin' && !service.startsWith('/') ? 'xpc' : 'standin';
}
