import type { FastifyReply } from 'fastify';

/** Is told of requests, whatever becomes of them. */
export type RequestObserver = {
  /** `route` is a pattern, never what the client typed; null: there is no such route. Status 499: the client left. */
  answered(request: {
    readonly method: string;
    readonly route: string | null;
    readonly status: number;
    readonly milliseconds: number;
  }): void;
};

/** Status of a request whose client left before its answer was whole. */
const left = 499;

/**
 * Tells of a request. To be called when its connection is done with it: Fastify's own onResponse leaves out broken
 * streams.
 */
export function tellOfRequest(observer: RequestObserver, reply: FastifyReply): void {
  const { raw, request } = reply;
  observer.answered({
    method: request.method,
    route: request.routeOptions.url ?? null,
    status: raw.writableFinished ? raw.statusCode : left,
    milliseconds: reply.elapsedTime,
  });
}
