import type { FastifyInstance } from 'fastify';
import type { KeyLimits } from '../key-limits.ts';
import type { KeyOf } from './api-keys.ts';

declare module 'fastify' {
  // eslint-disable-next-line typescript/consistent-type-definitions -- only an interface can be added to
  interface FastifyContextConfig {
    /** The route asks for turns, which the limits of keys are about. */
    asksForTurns?: boolean;
  }
}

/** Refuses requests for turns beyond what their key may, before their body is read, and tells what is left in headers. */
export function registerKeyLimits(fastify: FastifyInstance, limits: KeyLimits, keyOf: KeyOf): void {
  fastify.addHook('onRequest', async (request, reply) => {
    if (request.routeOptions.config.asksForTurns !== true) return;
    const key = keyOf(request);
    const count = limits.countRequest(key);
    if (count !== null) {
      const { limit, remaining, reset } = count;
      reply.headers({
        'x-ratelimit-limit-requests': String(limit),
        'x-ratelimit-remaining-requests': String(remaining),
        'x-ratelimit-reset-requests': durationText(reset),
      });
      if (count.refusal !== null) throw count.refusal;
    }
    limits.checkTurns(key);
  });
}

/** As OpenAI writes them: `120ms`, `8.64s`, `1m0s`. */
function durationText(milliseconds: number): string {
  if (milliseconds < 1000) return `${milliseconds}ms`;
  if (milliseconds < 60_000) return `${milliseconds / 1000}s`;
  return `${Math.floor(milliseconds / 60_000)}m${(milliseconds % 60_000) / 1000}s`;
}
