import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Backend } from '../backends/backend.ts';
import { createCodexpcBackend } from '../backends/codexpc/backend.ts';
import { findLibrary, loadLibrary } from '../backends/codexpc/library.ts';
import type { ShimVariant } from '../backends/codexpc/library.ts';
import type { Config } from '../config-decide.ts';
import type { Encoding } from '../harmony/encoding.ts';
import { readScript } from './script-file.ts';
import { randomRequestId } from './runtime.ts';
import { createSimulator } from '../simulator/simulator.ts';
import { systemTimers } from '../simulator/timers.ts';
import type { Simulator } from '../simulator/simulator.ts';

/** The directory that holds package.json: this file is one folder below `src/` or `dist/`. */
const projectRoot = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/**
 * The backend that the configuration asks for. A simulator is started for it first, where it is one, on a socket of
 * its own; closing the backend ends it.
 *
 * @throws GatewayError `backend_unavailable` when the shim can't be loaded.
 */
export async function connectBackend(
  config: Config,
  encoding: Encoding,
  onOddity: (what: string) => void,
): Promise<Backend> {
  if (config.backend.type === 'codexpc') return openBackend('codexpc', config.backend.service, config, onOddity);
  const directory = mkdtempSync(join(tmpdir(), 'codexpc-'));
  const socketPath = join(directory, 'simulator.sock');
  try {
    const simulator = createSimulator({ ...simulatorOptions(config, encoding), socketPath, log: onOddity });
    const backend = openBackend('simulator', socketPath, config, onOddity);
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
  onOddity: (what: string) => void,
): Backend {
  const path = backend.library ?? findLibrary({ variant: variantFor(service), root: projectRoot });
  return createCodexpcBackend({
    name,
    library: loadLibrary(path),
    service,
    askForTokens: backend.tokenOutput === 'auto',
    cancelGrace: limits.cancelGrace,
    newRequestId: randomRequestId,
    onOddity,
  });
}

/** A service that is a path is a simulator's socket; a name is a Mach service where there are any. */
function variantFor(service: string): ShimVariant {
  return process.platform === 'darwin' && !service.startsWith('/') ? 'xpc' : 'standin';
}
