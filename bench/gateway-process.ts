import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setTimeout as wait } from 'node:timers/promises';
import { fetch } from 'undici';
import { sibling, startChild } from './child.ts';
import type { Child } from './child.ts';
import type { DoubleCommands } from './daemon-double.ts';
import type { ProbeCommands } from './probe.ts';

/** Where things are; the benches run from the project's directory. */
export const mainModule = join(process.cwd(), 'dist', 'main.js');
export const shimLibrary = join(
  process.cwd(),
  'native-shim',
  'build',
  `libcodexpc_shim_standin.${process.platform === 'darwin' ? 'dylib' : 'so'}`,
);

export type Daemon = { readonly socketPath: string; readonly double: Child<DoubleCommands>; end(): Promise<void> };

export async function startDaemon(): Promise<Daemon> {
  const directory = mkdtempSync(join(tmpdir(), 'codexpc-bench-'));
  const socketPath = join(directory, 'daemon.sock');
  const double = startChild<DoubleCommands>(sibling('daemon-double'), [socketPath]);
  return {
    socketPath,
    double,
    async end() {
      await double.end();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

export type GatewayProcess = { readonly origin: string; readonly probe: Child<ProbeCommands>; end(): Promise<void> };

/** The real gateway in a process of its own, as `npm start` runs it, with that many models `model-0`, `model-1` … */
export async function startGateway(daemon: Daemon, { models }: { readonly models: number }): Promise<GatewayProcess> {
  if (!existsSync(mainModule)) throw new Error(`${mainModule} is missing: build the gateway first.`);
  const directory = mkdtempSync(join(tmpdir(), 'codexpc-bench-'));
  const port = await freePort();
  const file = join(directory, 'gateway.yaml');
  const config = {
    server: { port },
    backend: { type: 'codexpc', service: daemon.socketPath, library: shimLibrary },
    models: Array.from({ length: models }, (_, index) => ({
      id: `model-${index}`,
      checkpoint: `/bench/${index}`,
    })),
    strictModels: true,
    log: { format: 'json' },
  };
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(config));
  const probe = startChild<ProbeCommands>(mainModule, ['serve', '--config', file], {
    execArgv: ['--expose-gc', '--import', pathToFileURL(sibling('probe')).href, ...extraArguments()],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const origin = `http://127.0.0.1:${port}`;
  await answering(origin, probe);
  return {
    origin,
    probe,
    async end() {
      await probe.end();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** `BENCH_NODE_ARGUMENTS`, for a profile of the gateway: `--cpu-prof --cpu-prof-dir=…`. */
function extraArguments(): string[] {
  return process.env['BENCH_NODE_ARGUMENTS']?.split(' ') ?? [];
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

async function answering(origin: string, probe: Child<ProbeCommands>): Promise<void> {
  for (;;) {
    // Rejects when the process has ended.
    await probe.ask('processorTime', null);
    try {
      const response = await fetch(`${origin}/healthz`);
      await response.text();
      if (response.ok) return;
    } catch {
      await wait(50);
    }
  }
}
