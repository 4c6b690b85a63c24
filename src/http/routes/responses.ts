import type { FastifyInstance } from 'fastify';
import type { Clock, Ids } from '../../core/ids.ts';
import type { Models } from '../../core/models.ts';
import { openResponse } from '../../dialects/responses/index.ts';
import { storedReferences } from '../../dialects/responses/stored-input.ts';
import type { Store, StoredItem, StoredObject } from '../../store/store.ts';
import { answerRequest } from '../answer-route.ts';
import type { AnswerRouteOptions, Opened } from '../answer-route.ts';
import { readStored } from '../stored-input.ts';

export type ResponsesOptions = AnswerRouteOptions & {
  readonly ids: Ids;
  readonly models: Models;
  /** null: nothing is kept. */
  readonly store: Store | null;
};

export function responsesRoutes(fastify: FastifyInstance, options: ResponsesOptions): void {
  const { store } = options;
  fastify.post('/v1/responses', { sse: 'manual' }, (request, reply) =>
    answerRequest(
      options,
      (body) => (store === null ? openAlone(options, body) : openStored(options, store, body)),
      request,
      reply,
    ),
  );

  fastify.post('/v1/responses/input_tokens', async (request) => {
    // Unlike a response, a count needs neither a model nor an input.
    const given = (request.body ?? {}) as { readonly model?: unknown; readonly input?: unknown };
    const body = { ...given, model: given.model ?? options.models.all[0]!.id, input: given.input ?? [] };
    const { exchange } = await (store === null ? openAlone(options, body) : openStored(options, store, body));
    return { object: 'response.input_tokens', input_tokens: await options.gateway.countTokens(exchange.turn) };
  });
}

type Context = { readonly ids: Ids; readonly clock: Clock };

async function openAlone(context: Context, body: unknown): Promise<Opened> {
  return { exchange: openResponse(body, context), keep: null };
}

async function openStored({ ids, clock }: Context, store: Store, body: unknown): Promise<Opened> {
  const stored = await readStored(store, storedReferences(body));
  const exchange = openResponse(body, { ids, clock, stored });
  const { toStore, turn } = exchange;
  if (toStore === null) return { exchange, keep: null };
  const keep = (answer: unknown) => {
    const response = answer as StoredObject & { readonly status: string; readonly output: readonly StoredItem[] };
    return store.responses.save({
      response,
      input: toStore.input(),
      output: response.output,
      after: stored.history,
      key: turn.conversationKey,
      // What a failed turn has said is no part of the conversation: it will be tried again.
      joins: response.status === 'failed' ? null : toStore.conversation,
    });
  };
  return { exchange, keep };
}
