import type { FastifyInstance } from 'fastify';

/** Milliseconds that the backend may take to say it is well. */
const healthTimeout = 2000;

export type HealthOptions = {
  readonly version: string;
  readonly backendName: string;
  readonly checkHealth: (signal: AbortSignal) => Promise<void>;
};

/** `/healthz`: this process lives, and of which version it is. `/readyz`: it can answer, since its backend does. */
export function healthRoutes(fastify: FastifyInstance, { version, backendName, checkHealth }: HealthOptions): void {
  fastify.get('/healthz', async () => ({ status: 'ok', version }));
  fastify.get('/readyz', async () => {
    await checkHealth(AbortSignal.timeout(healthTimeout));
    return { status: 'ok', backend: backendName };
  });
}
