import type { IncomingMessage } from 'node:http';
import { fastifyWebsocket } from '@fastify/websocket';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { KeyOf } from '../plugins/api-keys.ts';
import { registerSocketOriginCheck } from '../plugins/origin-check.ts';
import { serveSocket } from '../response-socket.ts';
import type { ResponseSocket, ResponseSocketOptions } from '../response-socket.ts';
import { sortUpgrades } from '../upgrades.ts';

export type ResponseSockets = {
  /** Closes every connection that has nothing to answer, and the others when they have. */
  finish(): void;
  /** Closes what is left, at once. */
  terminate(): void;
};

const path = '/v1/responses';

/** `GET /v1/responses` as a WebSocket, beside whose requests all others stay what they are. */
export function responseSockets(
  fastify: FastifyInstance,
  options: ResponseSocketOptions & {
    readonly allowedHosts: readonly string[];
    readonly logged: WeakSet<FastifyRequest>;
    readonly keyOf: KeyOf;
  },
): ResponseSockets {
  const sockets = new Set<ResponseSocket>();
  let isFinishing = false;
  const finish = () => {
    isFinishing = true;
    for (const socket of sockets) socket.finish();
  };

  const upgrading = new WeakSet<IncomingMessage>();
  const server = sortUpgrades(fastify.server, (request) => {
    if (!isForSocket(request)) return false;
    upgrading.add(request);
    return true;
  });
  void fastify.register(fastifyWebsocket, {
    options: { server, maxPayload: options.bodyLimit, perMessageDeflate: false },
    preClose: (done) => {
      finish();
      done();
    },
  });
  void fastify.register(async (scope) => {
    registerSocketOriginCheck(scope, options);
    scope.route({
      method: 'GET',
      url: path,
      exposeHeadRoute: false,
      handler: (_request, reply) => reply.callNotFound(),
      preHandler: async (request, reply) => {
        // For the log: the answer to an upgrade is not this reply's.
        if (request.ws) reply.code(101);
      },
      // Of a refused one too, which the plugin doesn't know of when a hook before its own refused it.
      onResponse: async ({ raw }) => {
        if (upgrading.has(raw)) raw.socket.destroy();
      },
      wsHandler: (socket, request) => {
        const { id, log: logger, raw } = request;
        const served = serveSocket(options, { socket, raw: raw.socket, id, key: options.keyOf(request), logger });
        sockets.add(served);
        socket.on('close', () => sockets.delete(served));
        if (isFinishing) served.finish();
      },
    });
  });

  return {
    finish,
    terminate() {
      for (const client of fastify.websocketServer.clients) client.terminate();
    },
  };
}

function isForSocket({ method, url = '', headers }: IncomingMessage): boolean {
  const isWanted = method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket';
  return isWanted && url.split('?', 1)[0]!.replace(/\/$/, '') === path;
}
