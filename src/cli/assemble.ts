import { setImmediate } from 'node:timers/promises';
import type { FastifyBaseLogger } from 'fastify';
import type { Backend } from '../backends/backend.ts';
import type { Config } from '../config-decide.ts';
import type { Clock, Ids } from '../core/ids.ts';
import { createModels } from '../core/models.ts';
import { createGateway } from '../gateway/gateway.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { Encoding } from '../harmony/encoding.ts';
import { createFrozenDates } from '../harmony/frozen-dates.ts';
import { createPrefillCache } from '../harmony/prefill-cache.ts';
import { createPrefiller } from '../harmony/prefill.ts';
import { buildServer } from '../http/server.ts';
import type { Server } from '../http/server.ts';
import { createScheduler } from '../scheduler/scheduler.ts';
import type { Seals } from '../dialects/responses/seals.ts';
import type { Store } from '../store/store.ts';
import { temporarySeals } from './seal-key.ts';
import { localDate, randomIds, randomRequestId, systemClock } from './runtime.ts';
import { gatewayVersion } from './version.ts';

/** Bytes of ids that the prefill cache may hold. */
const cacheBytes = 64 * 1024 * 1024;
/** Conversations whose first date is remembered. */
const rememberedConversations = 10_000;
/** How often a waiting turn may be overtaken by one that the engine's cache suits better. */
const maxOvertakes = 4;

type Parts = {
  readonly backend: Backend;
  readonly encoding: Encoding;
  /** Absent: random ones, and the system's. */
  readonly ids?: Ids;
  readonly clock?: Clock;
};

/** The way of a turn, on a backend that is handed in. */
export function assembleGateway(config: Config, parts: Parts): Gateway {
  const { backend, encoding, ids = randomIds, clock = systemClock } = parts;
  const { date, knowledgeCutoff, modelIdentity } = config.harmony;
  const cache = createPrefillCache({ encoding, maxBytes: cacheBytes });
  const prefiller = createPrefiller({
    encodeSteps: cache.encodeSteps,
    settings: { knowledgeCutoff, modelIdentity },
    dates: createFrozenDates({
      today: () => (date === 'today' ? localDate(clock) : date),
      limit: rememberedConversations,
    }),
    elapsed: clock.elapsed,
    pause: setImmediate,
  });
  const scheduler = createScheduler({
    clock,
    sessionsPerEngine: 1,
    queueLength: config.limits.queueLength,
    queueTimeout: config.limits.queueTimeout,
    maxOvertakes,
  });
  return createGateway({
    backend,
    models: modelsOf(config),
    prefiller,
    scheduler,
    limits: config.limits,
    encoding,
    ids,
    newSessionId: randomRequestId,
  });
}

/** The gateway and its HTTP side. It listens nowhere yet. */
export function assembleServer(
  config: Config,
  parts: Parts & {
    readonly logger: FastifyBaseLogger;
    /** Absent or null: nothing is kept. */
    readonly store?: Store | null;
    /** Absent: such as are good for as long as the server lives. */
    readonly seals?: Seals;
  },
): Server {
  return buildServer({
    gateway: assembleGateway(config, parts),
    models: modelsOf(config),
    store: parts.store ?? null,
    seals: parts.seals ?? temporarySeals(),
    attachments: config.harmony.attachments,
    version: gatewayVersion(),
    backendName: parts.backend.name,
    checkHealth: parts.backend.health,
    logger: parts.logger,
    ids: parts.ids ?? randomIds,
    clock: parts.clock ?? systemClock,
    observers: [],
    ...config.server,
  });
}

const modelsOf = (config: Config) => createModels(config.models, { strict: config.strictModels });
