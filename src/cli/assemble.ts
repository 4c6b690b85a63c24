import { setImmediate } from 'node:timers/promises';
import type { FastifyBaseLogger } from 'fastify';
import type { Backend } from '../backends/backend.ts';
import type { Config } from '../config-decide.ts';
import { createModels } from '../core/models.ts';
import { createGateway } from '../gateway/gateway.ts';
import type { Encoding } from '../harmony/encoding.ts';
import { createFrozenDates } from '../harmony/frozen-dates.ts';
import { createPrefillCache } from '../harmony/prefill-cache.ts';
import { createPrefiller } from '../harmony/prefill.ts';
import { buildServer } from '../http/server.ts';
import type { Server } from '../http/server.ts';
import { createScheduler } from '../scheduler/scheduler.ts';
import { localDate, randomIds, randomRequestId, systemClock } from './runtime.ts';

/** Bytes of tokens and texts that the prefill cache may hold. */
const cacheBytes = 64 * 1024 * 1024;
/** Conversations whose first date is remembered. */
const rememberedConversations = 10_000;
/** How often a waiting turn may be overtaken by one that the engine's cache suits better. */
const maxOvertakes = 4;

/** Puts the running parts together: everything but the backend, which is handed in, and the listening. */
export function assembleServer(
  config: Config,
  parts: { readonly backend: Backend; readonly encoding: Encoding; readonly logger: FastifyBaseLogger },
): Server {
  const { backend, encoding, logger } = parts;
  const models = createModels(config.models, { strict: config.strictModels });
  const { date, knowledgeCutoff, modelIdentity } = config.harmony;
  const cache = createPrefillCache({ encoding, maxBytes: cacheBytes });
  const prefiller = createPrefiller({
    encodeSteps: cache.encodeSteps,
    settings: { knowledgeCutoff, modelIdentity },
    dates: createFrozenDates({
      today: () => (date === 'today' ? localDate(systemClock) : date),
      limit: rememberedConversations,
    }),
    elapsed: systemClock.elapsed,
    pause: setImmediate,
  });
  const scheduler = createScheduler({
    clock: systemClock,
    sessionsPerEngine: 1,
    queueLength: config.limits.queueLength,
    queueTimeout: config.limits.queueTimeout,
    maxOvertakes,
  });
  const gateway = createGateway({
    backend,
    models,
    prefiller,
    scheduler,
    limits: config.limits,
    encoding,
    ids: randomIds,
    newSessionId: randomRequestId,
  });
  return buildServer({
    gateway,
    models,
    backendName: backend.name,
    checkHealth: backend.health,
    logger,
    ids: randomIds,
    clock: systemClock,
    ...config.server,
  });
}
