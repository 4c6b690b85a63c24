import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { asGatewayError, errorEnvelope, GatewayError } from '../../core/errors.ts';
import type { FailureCode } from '../../core/errors.ts';
import { drain } from '../drain.ts';

/**
 * The one place that makes HTTP error answers: every failure leaves as OpenAI's envelope, with its headers. `refused` is
 * told of each.
 */
export function registerErrors(fastify: FastifyInstance, refused: (error: GatewayError) => void): void {
  const send: typeof sendError = (error, request, reply) => {
    refused(error);
    return sendError(error, request, reply);
  };
  fastify.setErrorHandler((thrown: FastifyError | GatewayError, request, reply) =>
    // Methods that need a body are refused before it is looked whether there is such a route; here none has one.
    thrown.code === 'FST_ERR_ROUTE_MISSING_CONTENT_TYPE'
      ? answerUnrouted(request, reply)
      : send(fromFramework(thrown), request, reply),
  );
  fastify.setNotFoundHandler(answerUnrouted);

  function answerUnrouted(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const path = request.url.split('?', 1)[0]!;
    const allowed = methods.filter(
      (method) => method !== request.method && fastify.findRoute({ method, url: path }) !== null,
    );
    if (allowed.length === 0) {
      return send(new GatewayError('unknown_url', `Unknown request URL: ${request.method} ${path}.`), request, reply);
    }
    // Codex tries WebSockets first when it is told that the provider has them; 426 alone makes it fall back at once.
    if (request.headers.upgrade !== undefined) {
      return send(
        new GatewayError('upgrade_required', 'WebSockets are not spoken here; use POST with `stream: true`.'),
        request,
        reply,
      );
    }
    reply.header('allow', allowed.join(', '));
    const message = `${path} does not take ${request.method}; it takes ${allowed.join(', ')}.`;
    return send(new GatewayError('method_not_allowed', message), request, reply);
  }
}

const methods = ['GET', 'POST', 'DELETE'] as const;

/** Answers when the client is done sending, so that it gets to read the answer. */
async function sendError(error: GatewayError, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  await drain(request.raw);
  if (error.status === 500) request.log.error({ err: error.cause }, 'unexpected failure');
  if (error.retryAfter !== null) reply.header('retry-after', String(error.retryAfter));
  if (error.status === 426) reply.header('upgrade', 'websocket');
  return reply.code(error.status).send(errorEnvelope(error));
}

/** Fastify's own errors in ours. Those it makes for bad requests are 4xx; anything else of its is our fault. */
function fromFramework(thrown: FastifyError | GatewayError): GatewayError {
  if (thrown instanceof GatewayError) return thrown;
  const known = frameworkFailures[thrown.code];
  if (known !== undefined) return new GatewayError(known.code, known.message);
  return asGatewayError(thrown);
}

const frameworkFailures: { readonly [code: string]: { readonly code: FailureCode; readonly message: string } } = {
  FST_ERR_BAD_URL: { code: 'unknown_url', message: 'The request URL is not well formed.' },
  FST_ERR_MAX_PARAM_LENGTH: { code: 'not_found', message: 'The id in the URL is too long to be one.' },
  FST_ERR_CTP_BODY_TOO_LARGE: {
    code: 'payload_too_large',
    message: 'The request body is larger than this server takes (server.bodyLimit).',
  },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    code: 'unsupported_media_type',
    message: "Send the request body as JSON, with the header 'Content-Type: application/json'.",
  },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
    code: 'invalid_json',
    message: "The request body's size is not what its Content-Length says.",
  },
};

/** For requests that Fastify refuses before its error handler is in charge: bad URLs, over-long parameters. */
export function answerFrameworkError(thrown: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  // No hook has run yet.
  reply.header('x-request-id', request.id);
  void sendError(fromFramework(thrown), request, reply);
}

/** For what is not even a request: the parser's errors are answered on the bare socket. */
export function answerClientError(thrown: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || thrown.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const error = parserFailure(thrown.code);
  const body = JSON.stringify(errorEnvelope(error));
  socket.end(
    `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status] ?? ''}\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}

function parserFailure(code: string | undefined): GatewayError {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return new GatewayError('headers_too_large', 'The request headers are too large.');
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new GatewayError('request_timeout', 'The request took too long to arrive.');
    default:
      return new GatewayError('invalid_json', 'This is not a well-formed HTTP request.');
  }
}
