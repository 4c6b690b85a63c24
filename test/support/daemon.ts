import { join } from 'node:path';
import { createEncoding } from '../../src/harmony/encoding.ts';
import { createSimulator } from '../../src/simulator/simulator.ts';
import type { Simulator, SimulatorOptions } from '../../src/simulator/simulator.ts';
import { systemTimers } from '../../src/simulator/timers.ts';
import { endWith } from './cleanup.ts';
import type { Lifetime } from './cleanup.ts';
import { temporaryDirectory } from './process.ts';
import { startTap } from './tap.ts';
import type { Tap } from './tap.ts';

/** A simulated daemon in this process, and a tap between it and whoever takes `service` for the daemon. */
export type WatchedDaemon = {
  readonly service: string;
  readonly simulator: Simulator;
  readonly tap: Tap;
};

const encoding = createEncoding();

export async function startWatchedDaemon(
  options: Partial<SimulatorOptions> = {},
  lifetime: Lifetime = 'test',
): Promise<WatchedDaemon> {
  const directory = temporaryDirectory(lifetime);
  const simulator = createSimulator({
    socketPath: join(directory, 'daemon.sock'),
    output: 'classic',
    encoding,
    timers: systemTimers,
    log: () => undefined,
    ...options,
  });
  await simulator.listen();
  endWith(lifetime, simulator.close);
  const service = join(directory, 'tap.sock');
  return { service, simulator, tap: await startTap(service, join(directory, 'daemon.sock'), lifetime) };
}
