import type { FastifyInstance } from 'fastify';
import type { Backend } from '../../backends/backend.ts';

/** Milliseconds that the backend may take to say it is well. */
const healthTimeout = 2000;

export type HealthOptions = {
  readonly backendName: Backend['name'];
  readonly checkHealth: (signal: AbortSignal) => Promise<void>;
};

/** `/healthz`: this process lives. `/readyz`: it can answer, since its backend does. */
export function healthRoutes(fastify: FastifyInstance, { backendName, checkHealth }: HealthOptions): void {
  fastify.get('/healthz', async () => ({ status: 'ok' }));
  fastify.get('/readyz', async () => {
    await checkHealth(AbortSignal.timeout(healthTimeout));
    return { status: 'ok', backend: backendName };
  });
}
