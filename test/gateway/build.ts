import type { Backend } from '../../src/backends/backend.ts';
import { randomIds, randomRequestId, systemClock } from '../../src/cli/runtime.ts';
import { createModels } from '../../src/core/models.ts';
import { createGateway } from '../../src/gateway/gateway.ts';
import type { Gateway } from '../../src/gateway/gateway.ts';
import type { TurnLimits } from '../../src/gateway/limits.ts';
import { createEncoding } from '../../src/harmony/encoding.ts';
import { createFrozenDates } from '../../src/harmony/frozen-dates.ts';
import { createPrefillCache } from '../../src/harmony/prefill-cache.ts';
import { createPrefiller } from '../../src/harmony/prefill.ts';
import { createScheduler } from '../../src/scheduler/scheduler.ts';
import type { SchedulerOptions } from '../../src/scheduler/scheduler.ts';

export const encoding = createEncoding();

/** The way of a turn before a backend that is handed in, one engine for each of the models. */
export function buildGateway(
  backend: Backend,
  options: {
    readonly limits: TurnLimits;
    readonly models?: readonly string[];
    readonly contextWindow?: number;
    readonly scheduler?: Partial<SchedulerOptions>;
  },
): Gateway {
  const { limits, models = ['m'], contextWindow = 10_000 } = options;
  const cache = createPrefillCache({ encoding, maxBytes: 1_000_000 });
  return createGateway({
    backend,
    models: createModels(
      models.map((id) => ({ id, aliases: [], checkpoint: id, contextWindow, maxOutputTokens: null })),
      { strict: false },
    ),
    prefiller: createPrefiller({
      encodeSteps: cache.encodeSteps,
      settings: { knowledgeCutoff: null, modelIdentity: 'You are a test.' },
      dates: createFrozenDates({ today: () => '2026-01-31', limit: 10 }),
      elapsed: systemClock.elapsed,
      pause: () => Promise.resolve(),
    }),
    scheduler: createScheduler({
      clock: systemClock,
      sessionsPerEngine: 1,
      queueLength: 10,
      queueTimeout: 600_000,
      maxOvertakes: 4,
      ...options.scheduler,
    }),
    limits,
    encoding,
    ids: randomIds,
    newSessionId: randomRequestId,
    elapsed: systemClock.elapsed,
  });
}
