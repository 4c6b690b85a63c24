import type { FastifyInstance } from 'fastify';

/** Milliseconds that the backend may take to say it is well. */
const healthTimeout = 2000;

export type HealthOptions = {
  readonly backendName: string;
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
