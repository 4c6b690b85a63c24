import { existsSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import type { FastifyBaseLogger } from 'fastify';
import type { EffectiveSetting, LoadedConfig } from '../config.ts';
import type { Config } from '../config-decide.ts';
import { createEncoding } from '../harmony/encoding.ts';
import type { Server } from '../http/server.ts';
import type { Store } from '../store/store.ts';
import { assembleServer } from './assemble.ts';
import { connectBackend } from './connect.ts';
import { greetAtStart } from './greet-at-start.ts';
import type { HangUps } from './hang-up.ts';
import { readPage } from './page-files.ts';
import { openConfiguredStore } from './open-configured-store.ts';
import { createReload } from './reload.ts';
import { configuredSeals } from './seal-key.ts';
import { openRecordings } from './open-recordings.ts';
import { openTraces } from './open-traces.ts';

export type ServeParts = {
  readonly logger: FastifyBaseLogger;
  readonly print: (text: string) => void;
  readonly stop: AbortSignal;
  readonly hangUps: HangUps;
  /** Reads the configuration again. */
  readonly load: () => LoadedConfig;
};

/**
 * Runs the gateway until it is told to stop. The URL is printed once it listens; a simulator never runs unsaid.
 *
 * @param settings those that the configuration is made of.
 * @returns when everything is closed: running answers have had `server.shutdownTimeout` to end.
 * @throws GatewayError when the backend's library can't be loaded, or a system error when the address is taken.
 */
export async function serve(
  config: Config,
  settings: readonly EffectiveSetting[],
  { logger, print, stop, hangUps, load }: ServeParts,
): Promise<void> {
  const traces = await openTraces(config, (message) => logger.warn(message));
  const encoding = createEncoding();
  const warned = new Set<string>();
  const warn = (what: string) => {
    if (!warned.has(what)) logger.warn(what);
    warned.add(what);
  };
  const backend = await connectBackend(config, encoding, (what) => logger.debug(`the daemon sent ${what}`), warn);
  let store: Store | null = null;
  const recordings = openRecordings(config, backend.name, encoding, (err) =>
    logger.error({ err }, 'a turn could not be recorded'),
  );
  let server: Server;
  try {
    store = await openConfiguredStore(config, (err) => logger.error({ err }, 'the store could not be tidied up'));
    const seals = configuredSeals(config, (err) =>
      logger.warn({ err }, 'the key that seals reasoning is not kept, and good for this run only'),
    );
    server = await assembleServer(config, {
      backend,
      encoding,
      logger,
      store,
      seals,
      page: readPage(),
      ...(recordings === null ? {} : { recorder: recordings.recorder }),
      observers: traces === null ? [] : [traces.turns],
    });
    await server.fastify.listen({
      host: config.server.host,
      port: config.server.port,
      listenTextResolver: () => 'listening',
    });
  } catch (error) {
    await backend.close();
    await store?.close();
    throw error;
  }
  hangUps.onReload(createReload(config, settings, { load, server, logger }));
  print(banner(config, server.fastify.server.address() as AddressInfo));
  if (recordings !== null)
    logger.warn(`Every turn is recorded, with all that is said, in ${config.recording.directory}`);
  if (config.backend.type === 'codexpc') {
    warnOfWhatIsMissing(config, logger);
    void greetAtStart(config, backend, { logger, warn, stop });
  }
  await aborted(stop);
  const seconds = config.server.shutdownTimeout / 1000;
  print(`Stopping: running answers may end within ${seconds} s; a second signal ends them at once.\n`);
  await server.shutDown(config.server.shutdownTimeout);
  await backend.close();
  await store?.close();
  await recordings?.close();
  await traces?.close();
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function banner(config: Config, address: AddressInfo): string {
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  const url = `http://${host}:${address.port}/v1`;
  const model = config.models[0]!.id;
  const key = config.server.apiKeys.length > 0 ? ` -H 'Authorization: Bearer YOUR_KEY'` : '';
  const backend =
    config.backend.type === 'simulator'
      ? `SIMULATOR: no model runs here; answers are made up, for trying clients (${config.backend.reason}).\n` +
        `           For real answers set CODEXPC_CHECKPOINT on a Mac that runs the codexpc daemon.`
      : `codexpc daemon '${config.backend.service}', model ${config.models.map(({ id }) => id).join(', ')}`;
  return [
    `codexpc-gateway listens on ${url}`,
    ``,
    `  backend  ${backend}`,
    `  page     ${url.replace(/v1$/, '')}`,
    `  try      curl ${url}/responses${key} -H 'Content-Type: application/json' \\`,
    `             -d '{"model": "${model}", "input": "Say hello", "stream": true}'`,
    `  SDKs     OPENAI_BASE_URL=${url} OPENAI_API_KEY=${key === '' ? 'unused' : 'YOUR_KEY'}`,
    `  Codex    see config/codex.config.toml`,
    ``,
    ``,
  ].join('\n');
}

function warnOfWhatIsMissing({ models }: Config, logger: FastifyBaseLogger): void {
  for (const { id, checkpoint } of models) {
    if (!existsSync(checkpoint)) logger.warn(`The checkpoint of ${id} is not there: ${checkpoint}`);
  }
}
