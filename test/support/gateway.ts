import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { parse } from 'yaml';
import type { Backend } from '../../src/backends/backend.ts';
import { assembleServer } from '../../src/cli/assemble.ts';
import { connectBackend } from '../../src/cli/connect.ts';
import { loadConfig } from '../../src/config.ts';
import type { SettingKey } from '../../src/config-schema.ts';
import type { Config } from '../../src/config-decide.ts';
import type { Clock, IdPrefix, Ids } from '../../src/core/ids.ts';
import type { Encoding } from '../../src/harmony/encoding.ts';
import type { Seals } from '../../src/dialects/responses/seals.ts';
import type { Store } from '../../src/store/store.ts';
import type { HandshakeManner } from '../../src/simulator/handshake.ts';
import type { SimulatorScript } from '../../src/simulator/script.ts';
import { createSimulator } from '../../src/simulator/simulator.ts';
import { systemTimers } from '../../src/simulator/timers.ts';
import type { Timers } from '../../src/simulator/timers.ts';
import type { XpcDictionary } from '../../src/xpc/value.ts';
import { createDaemonTap } from './daemon-tap.ts';
import { exactSeals } from './seals.ts';

/** A whole gateway on a port of its own: HTTP, the native shim, the stand-in's socket, a simulated daemon. */
export type TestGateway = {
  /** As in `http://127.0.0.1:40123`. */
  readonly url: string;
  readonly config: Config;
  /** What the daemon got, in order, as it went over the socket; nothing with an embedded simulator. */
  readonly received: readonly XpcDictionary[];
  /** Every line that was logged. */
  readonly log: readonly { readonly [key: string]: unknown }[];
  /** @param timeout milliseconds that running answers may take to end; absent: none. */
  close(timeout?: number): Promise<void>;
};

export type TestGatewayOptions = {
  /** Takes a moment to make, so that a file's tests share one. */
  readonly encoding: Encoding;
  /** A configuration file, YAML. */
  readonly settings?: string;
  /**
   * `separate`: a simulated daemon at a socket of its own, with what it gets recorded. `embedded`: the gateway brings
   * its own, as it does when nothing is configured; script and timers are not taken then. `none`: no daemon is there.
   */
  readonly daemon?: 'separate' | 'embedded' | 'none';
  readonly script?: SimulatorScript;
  /** How the separate daemon introduces itself; absent: its Harmony is ours. */
  readonly handshake?: HandshakeManner;
  /** The daemon's time. */
  readonly timers?: Timers;
  /** Sees each message to the daemon before the daemon does. */
  readonly onMessage?: (message: XpcDictionary) => void;
  /** Absent or null: nothing is kept. */
  readonly store?: Store | null;
  /** Absent: their nonces are counted. */
  readonly seals?: Seals;
  /** Absent: ids are counted. */
  readonly ids?: Ids;
  /** Absent: it is noon of 31 January 2026, UTC, for ever. */
  readonly clock?: Clock;
};

/** Noon of 31 January 2026, UTC, in milliseconds. */
const testTime = Date.UTC(2026, 0, 31, 12);

/** `resp_1`, `msg_1`, `msg_2` …: each prefix counts for itself. */
function countedIds(): Ids {
  const counts = new Map<IdPrefix, number>();
  return {
    next(prefix) {
      const count = (counts.get(prefix) ?? 0) + 1;
      counts.set(prefix, count);
      return `${prefix}_${count}`;
    },
  };
}

const stillClock: Clock = { now: () => testTime, elapsed: () => 0 };

export async function startGateway(options: TestGatewayOptions): Promise<TestGateway> {
  const { encoding, ids = countedIds(), clock = stillClock } = options;
  const directory = mkdtempSync(join(tmpdir(), 'codexpc-test-'));
  const servicePath = join(directory, 'service.sock');
  const config = configOf(options, servicePath);
  const log: { [key: string]: unknown }[] = [];
  const logger = pino(
    { level: config.log.level, base: null },
    { write: (line: string) => void log.push(JSON.parse(line) as { [key: string]: unknown }) },
  );
  const daemon =
    (options.daemon ?? 'separate') === 'separate' ? await startDaemon(options, config, directory, servicePath) : null;
  const backend: Backend = await connectBackend(
    config,
    encoding,
    (what) => logger.debug(what),
    (what) => logger.warn(what),
  );
  const { store = null, seals = exactSeals() } = options;
  const server = await assembleServer(config, { backend, encoding, logger, ids, clock, store, seals });
  await server.fastify.listen({ host: config.server.host, port: config.server.port });
  const { port } = server.fastify.server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}`,
    config,
    received: daemon?.received ?? [],
    log,
    async close(timeout = 0) {
      await server.shutDown(timeout);
      await backend.close();
      await daemon?.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Runs a simulated daemon of its own behind a tap at `servicePath`. */
async function startDaemon(options: TestGatewayOptions, config: Config, directory: string, servicePath: string) {
  const { encoding, script, handshake = {}, timers = systemTimers, onMessage = () => undefined } = options;
  const socketPath = join(directory, 'daemon.sock');
  const simulator = createSimulator({
    socketPath,
    output: config.simulator.output,
    encoding,
    timers,
    handshake,
    log: () => undefined,
    ...(script === undefined ? {} : { script }),
  });
  const tap = createDaemonTap(servicePath, socketPath, onMessage);
  await simulator.listen();
  await tap.listen();
  return {
    received: tap.received,
    async close() {
      await simulator.close();
      await tap.close();
    },
  };
}

/** A heartbeat would depend on how busy the machine is, a date on when the test runs. */
const usualFlags: readonly Flag[] = [
  ['server.port', '0'],
  ['server.keepAliveInterval', '3600000'],
  ['harmony.date', '2026-01-31'],
];

type Flag = readonly [key: SettingKey, value: string];

/** The configuration: what a test needs, overruled by the test's own settings. */
function configOf({ settings = '{}', daemon }: TestGatewayOptions, servicePath: string): Config {
  const own = parse(settings) as Settings;
  const flags: Flag[] = [...usualFlags];
  if (daemon !== 'embedded') {
    flags.push(['backend.service', servicePath]);
    if (!('models' in own)) flags.push(['checkpoint', '/models/gpt-oss-20b.bin']);
  }
  const loaded = loadConfig({
    flags: flags.filter(([key]) => !has(own, key)).map(([key, value]) => ({ key, value, flag: `--set ${key}` })),
    configFile: '/settings.yaml',
    environment: {},
    directory: '/',
    readFile: () => settings,
  });
  if ('problems' in loaded) throw new Error(loaded.problems.join('\n'));
  return loaded.config;
}

type Settings = { readonly [key: string]: unknown };

function has(settings: Settings, key: SettingKey): boolean {
  const [section, leaf] = key.split('.') as [string, string | undefined];
  const held = settings[section];
  return leaf === undefined ? section in settings : typeof held === 'object' && held !== null && leaf in held;
}
