import { setImmediate } from 'node:timers/promises';
import type { FastifyBaseLogger } from 'fastify';
import type { Backend } from '../backends/backend.ts';
import type { Config } from '../config-decide.ts';
import type { Clock, Ids } from '../core/ids.ts';
import type { TurnObserver } from '../core/turn-report.ts';
import { createModels } from '../core/models.ts';
import { createGateway } from '../gateway/gateway.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { Encoding } from '../harmony/encoding.ts';
import { createFrozenDates } from '../harmony/frozen-dates.ts';
import { createPrefillCache } from '../harmony/prefill-cache.ts';
import { createPrefiller } from '../harmony/prefill.ts';
import type { PageFiles } from '../http/routes/page.ts';
import { buildServer } from '../http/server.ts';
import type { Recorder } from '../recording/recorder.ts';
import type { Server } from '../http/server.ts';
import { createHealthWatch } from '../observe/health-watch.ts';
import { createStateSource } from '../observe/state-source.ts';
import { createTurnBoard } from '../observe/turn-board.ts';
import { createScheduler } from '../scheduler/scheduler.ts';
import type { Scheduler } from '../scheduler/scheduler.ts';
import type { Seals } from '../dialects/responses/seals.ts';
import type { Store } from '../store/store.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { temporarySeals } from './seal-key.ts';
import { localDate, pause, randomIds, randomRequestId, systemClock } from './runtime.ts';
import { gatewayVersion } from './version.ts';

/** Bytes of ids that the prefill cache may hold. */
const cacheBytes = 64 * 1024 * 1024;
/** Conversations whose first date is remembered. */
const rememberedConversations = 10_000;
/** How often a waiting turn may be overtaken by one that the engine's cache suits better. */
const maxOvertakes = 4;
/** Turns that have ended and are still shown. */
const rememberedTurns = 100;

type Parts = {
  readonly backend: Backend;
  readonly encoding: Encoding;
  /** Absent: one of its own. */
  readonly scheduler?: Scheduler;
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
  const scheduler = parts.scheduler ?? configuredScheduler(config, clock);
  return createGateway({
    backend,
    models: modelsOf(config),
    prefiller,
    scheduler,
    limits: config.limits,
    encoding,
    ids,
    newSessionId: randomRequestId,
    // The one that timers go by, whatever clock is handed in: the limits of turns are kept by both.
    elapsed: systemClock.elapsed,
  });
}

/** The gateway and its HTTP side. It listens nowhere yet. */
export async function assembleServer(
  config: Config,
  parts: Parts & {
    readonly logger: FastifyBaseLogger;
    /** Absent or null: nothing is kept. */
    readonly store?: Store | null;
    /** Absent: such as are good for as long as the server lives. */
    readonly seals?: Seals;
    /** Are told of every turn, beside the metrics and the page. */
    readonly observers?: readonly TurnObserver[];
    /** Records turns whole; absent: nothing is recorded. */
    readonly recorder?: Recorder;
    /** Absent: there is no page at `/`. */
    readonly page?: PageFiles;
  },
): Promise<Server> {
  const { backend, clock = systemClock, store = null } = parts;
  const scheduler = parts.scheduler ?? configuredScheduler(config, clock);
  const metrics = config.metrics.enabled ? await assembleMetrics(config, { ...parts, scheduler }) : null;
  const gateway = assembleGateway(config, { ...parts, scheduler });
  const board = createTurnBoard({ clock, remembered: rememberedTurns });
  const health = createHealthWatch({ name: backend.name, check: backend.health, clock });
  return buildServer({
    gateway,
    ...(parts.page === undefined ? {} : { page: parts.page }),
    state: createStateSource({ board, health, engines: gateway.status, clock, pause }),
    models: modelsOf(config),
    store,
    seals: parts.seals ?? temporarySeals(),
    attachments: config.harmony.attachments,
    version: gatewayVersion(),
    backendName: backend.name,
    checkHealth: backend.health,
    logger: parts.logger,
    ids: parts.ids ?? randomIds,
    clock,
    observers: [board, ...(metrics === null ? [] : [metrics.turns]), ...(parts.observers ?? [])],
    metrics,
    recorder: parts.recorder,
    ...config.server,
  });
}

/** The package is loaded when metrics are wanted, and not else. */
async function assembleMetrics(
  config: Config,
  parts: {
    readonly backend: Backend;
    readonly scheduler: Scheduler;
    readonly store?: Store | null;
  },
): Promise<Metrics> {
  const { createMetrics } = await import('../telemetry/metrics.ts');
  const { backend, scheduler, store = null } = parts;
  const engines = new Map(config.models.toReversed().map(({ id, checkpoint }) => [checkpoint, id]));
  return createMetrics({
    servedModel: servedModelOf(config),
    engines: () => [...engines].map(([checkpoint, model]) => ({ model, ...scheduler.status(checkpoint) })),
    storeBytes: store === null ? null : store.bytesInUse,
    build: { version: gatewayVersion(), backend: backend.name, node: process.version },
  });
}

/** By the name that a client calls it, the id of the model that answers; null: none does. */
export function servedModelOf(config: Config): (name: string) => string | null {
  const models = modelsOf(config);
  return (name) => (models.find(name) ?? (config.strictModels ? null : models.all[0]))?.id ?? null;
}

function configuredScheduler({ limits }: Config, clock: Clock): Scheduler {
  return createScheduler({
    clock,
    sessionsPerEngine: limits.sessionsPerEngine,
    queueLength: limits.queueLength,
    queueTimeout: limits.queueTimeout,
    maxOvertakes,
  });
}

const modelsOf = (config: Config) => createModels(config.models, { strict: config.strictModels });
