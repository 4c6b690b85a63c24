import type { FastifyInstance } from 'fastify';

export type MetricsPage = {
  readonly contentType: string;
  text(): Promise<string>;
};

/** What Prometheus reads. Where API keys are asked for, it needs one too. */
export function metricsRoutes(fastify: FastifyInstance, page: MetricsPage): void {
  fastify.get('/metrics', async (_request, reply) => {
    reply.type(page.contentType);
    return page.text();
  });
}
