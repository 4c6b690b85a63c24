import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import type { Config } from '../config-decide.ts';
import { projectRoot } from './connect.ts';
import { fail, ok, warn } from './doctor-check.ts';
import type { Check } from './doctor-check.ts';
import { storePath } from './open-configured-store.ts';

/** Whether this Node is new enough. */
export function checkNode(version: string): Check {
  const { engines } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as {
    engines: { node: string };
  };
  const least = engines.node.replace('>=', '');
  const parts = (text: string) => text.split('.').map(Number);
  const [mine, needed] = [parts(version), parts(least)];
  const differing = needed.findIndex((part, index) => part !== mine[index]);
  const older = differing !== -1 && mine[differing]! < needed[differing]!;
  if (!older) return ok('node', `Node ${version}`);
  return fail('node', `Node ${version} is older than ${least}`, `Install Node ${least} or newer, from nodejs.org.`);
}

/** Who answers, and what was odd in how it was configured. */
export function checkConfig({ backend, models }: Config, file: string | null, warnings: readonly string[]): Check[] {
  const source = file === null ? 'no configuration file' : `configuration file ${file}`;
  const served = `${models.map(({ id }) => id).join(', ')} by ${backend.type === 'simulator' ? 'the simulator' : `'${backend.service}'`}`;
  const first =
    backend.type === 'simulator'
      ? warn(
          'config',
          `${source}; ${served} (${backend.reason}): no model runs`,
          'For real answers name the model file: set CODEXPC_CHECKPOINT on a Mac that runs the codexpc daemon.',
        )
      : ok('config', `${source}; ${served}`);
  return [
    first,
    ...warnings.map((warning) => warn('config', warning, 'codexpc-gateway config show prints what counts.')),
  ];
}

/** A gateway that answers at the configured address; null: none does. */
export type Serving = { readonly url: string; readonly backend: string };

/** Who has the port: nobody, a gateway like this one, or somebody else. */
export async function checkPort({
  server,
}: Config): Promise<{ readonly check: Check; readonly serving: Serving | null }> {
  const { host, port } = server;
  if (port === 0) return { check: ok('port', 'any free port is taken'), serving: null };
  const url = `http://${host.includes(':') ? `[${host}]` : host.replace('0.0.0.0', '127.0.0.1')}:${port}`;
  const busy = await listenError(host, port);
  if (busy === null) return { check: ok('port', `${host}:${port} is free`), serving: null };
  const backend = await backendAt(url);
  if (backend !== null) {
    return { check: ok('port', `a gateway serves at ${url}, by ${backend}`), serving: { url, backend } };
  }
  const inUse = busy.code === 'EADDRINUSE';
  const what = inUse
    ? `${host}:${port} is taken, not by a gateway`
    : `${host}:${port} can't be listened on: ${busy.message}`;
  const advice = inUse
    ? 'End that program, or choose another port: --port.'
    : 'Choose another address or port: --host, --port.';
  return { check: fail('port', what, advice), serving: null };
}

function listenError(host: string, port: number): Promise<NodeJS.ErrnoException | null> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', resolve);
    probe.listen(port, host, () => probe.close(() => resolve(null)));
  });
}

async function backendAt(url: string): Promise<string | null> {
  try {
    const response = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(2000) });
    await response.arrayBuffer();
    return response.headers.get('x-codexpc-backend');
  } catch {
    return null;
  }
}

/** Whether what clients ask to be stored can be. Nothing is made here. */
export function checkStore(config: Config): Check {
  if (!config.store.enabled) return ok('store', 'nothing is stored (store.enabled is false)');
  const path = storePath(config);
  if (path === null) return ok('store', 'in memory: what the simulator makes up is not kept');
  let nearest = path;
  while (!existsSync(nearest) && dirname(nearest) !== nearest) nearest = dirname(nearest);
  try {
    accessSync(nearest, constants.W_OK);
    if (nearest !== path && !statSync(nearest).isDirectory()) throw new Error(`${nearest} is no directory`);
    return ok('store', nearest === path ? path : `${path}, which is made at the first start`);
  } catch (error) {
    return fail(
      'store',
      `${path} can't be written (${(error as Error).message})`,
      'Choose another store.path, or set store.enabled to false.',
    );
  }
}

/** Whether the model files are there. */
export function checkCheckpoints({ backend, models }: Config): Check[] {
  if (backend.type === 'simulator') return [];
  // A simulated daemon takes any name for one.
  const simulated = backend.service.startsWith('/');
  return models.map(({ id, checkpoint }) => {
    try {
      accessSync(checkpoint, constants.R_OK);
      const { size } = statSync(checkpoint);
      return ok('checkpoint', `${id}: ${checkpoint} (${(size / 1e9).toFixed(1)} GB)`);
    } catch {
      const what = `${id}: ${checkpoint} is not there, or can't be read`;
      if (simulated) return warn('checkpoint', what, 'A simulated daemon at a socket needs none; a real one does.');
      return fail('checkpoint', what, 'Set CODEXPC_CHECKPOINT to the path of the model file (…/metal/model.bin).');
    }
  });
}
