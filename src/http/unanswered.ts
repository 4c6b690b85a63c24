import type { ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';

/** Requests whose headers have been read and whose answers have not left yet. */
export type Unanswered = {
  /** Resolves when there are none, at once if so. */
  none(): Promise<void>;
};

export function trackUnanswered(fastify: FastifyInstance): Unanswered {
  const open = new Set<ServerResponse>();
  let waiting: (() => void)[] = [];
  fastify.addHook('onRequest', async (_request, { raw }) => {
    open.add(raw);
    raw.on('close', () => {
      open.delete(raw);
      if (open.size > 0) return;
      for (const resolve of waiting) resolve();
      waiting = [];
    });
  });
  return {
    none: () => (open.size === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
  };
}
