import type { FastifyInstance } from 'fastify';
import type { Models } from '../../core/models.ts';
import { asResponseBody, openCompaction } from '../../dialects/responses/compact-request.ts';
import { storedReferences } from '../../dialects/responses/stored-input.ts';
import { answerRequest } from '../answer-route.ts';
import type { AnswerRouteOptions, Opened } from '../answer-route.ts';
import type { Background } from '../background.ts';
import { openResponseRequest } from '../open-response.ts';
import type { OpenedResponse, OpenOptions } from '../open-response.ts';
import { sendEvents } from '../send-events.ts';
import { readStored } from '../stored-input.ts';

export type ResponsesOptions = AnswerRouteOptions &
  OpenOptions & {
    readonly models: Models;
    /** null: nothing is kept. */
    readonly background: Background | null;
  };

export function responsesRoutes(fastify: FastifyInstance, options: ResponsesOptions): void {
  const { background, store, stream, keyOf } = options;
  const config = { asksForTurns: true };
  async function open(body: unknown): Promise<Opened> {
    const opened = await openResponseRequest(options, body);
    if (!opened.exchange.background || background === null) return opened;
    return { ...opened, instead: answerApart(background, opened, { stream, keyOf }) };
  }

  fastify.post('/v1/responses', { sse: 'manual', config }, (request, reply) =>
    answerRequest(options, open, request, reply),
  );

  fastify.post('/v1/responses/compact', { sse: 'manual', config }, (request, reply) =>
    answerRequest(
      options,
      async (given) => {
        const { ids, clock, seals, attachments, models } = options;
        const body = asResponseBody(given, models.all[0]!.id);
        const stored = store === null ? {} : { stored: await readStored(store, storedReferences(body)) };
        return { exchange: openCompaction(body, { ids, clock, seals, attachments, ...stored }), keep: null };
      },
      request,
      reply,
    ),
  );

  fastify.post('/v1/responses/input_tokens', async (request) => {
    // Unlike a response, a count needs neither a model nor an input.
    const body = completed(request.body ?? {}, options.models.all[0]!.id);
    const { exchange } = await openResponseRequest(options, body);
    return { object: 'response.input_tokens', input_tokens: await options.gateway.countTokens(exchange.turn) };
  });
}

function completed(body: unknown, model: string): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body;
  const given = body as { readonly model?: unknown; readonly input?: unknown };
  return { ...given, model: given.model ?? model, input: given.input ?? [] };
}

/** Has the response made apart from the request, which is told that it has begun, or shown how it goes on. */
function answerApart(
  background: Background,
  { exchange, recorded, history }: OpenedResponse,
  { stream, keyOf }: Pick<ResponsesOptions, 'stream' | 'keyOf'>,
): Opened['instead'] & object {
  return async (request, reply) => {
    const { id, log: logger, routeOptions } = request;
    const { response, log } = await background.start({
      exchange,
      answer: recorded!,
      input: exchange.input(),
      after: history,
      joins: exchange.toStore!.conversation,
      id,
      route: routeOptions.url!,
      key: keyOf(request),
      logger,
    });
    return exchange.stream ? sendEvents(reply, (signal) => log.read(-1, signal), stream) : response;
  };
}
