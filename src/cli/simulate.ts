import type { FastifyBaseLogger } from 'fastify';
import type { Config } from '../config-decide.ts';
import { createEncoding } from '../harmony/encoding.ts';
import { createSimulator } from '../simulator/simulator.ts';
import { simulatorOptions } from './connect.ts';
import { exitCodes } from './exit-codes.ts';

/**
 * Runs a simulated daemon on the socket that `backend.service` names, until it is told to stop or crashes on purpose.
 *
 * @returns the exit code.
 */
export async function simulate(
  config: Config,
  { logger, print, stop }: { logger: FastifyBaseLogger; print: (text: string) => void; stop: AbortSignal },
): Promise<number> {
  const socketPath = config.backend.service;
  if (!socketPath.startsWith('/')) {
    throw new Error(`A simulated daemon listens on a socket: --service needs an absolute path, not '${socketPath}'.`);
  }
  return new Promise((resolve, reject) => {
    const simulator = createSimulator({
      ...simulatorOptions(config, createEncoding()),
      socketPath,
      log: (what) => logger.debug(what),
      onCrash: () => resolve(exitCodes.crashed.code),
    });
    stop.addEventListener('abort', () => void simulator.close().then(() => resolve(0)), { once: true });
    simulator
      .listen()
      .then(
        () =>
          print(
            `The simulated daemon listens on ${socketPath}.\n` +
              `Use it from another shell: npm start -- --service ${socketPath} --checkpoint simulated\n`,
          ),
        reject,
      );
  });
}
