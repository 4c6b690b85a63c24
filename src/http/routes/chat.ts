import type { FastifyInstance } from 'fastify';
import type { Ids } from '../../core/ids.ts';
import type { Attachments } from '../../dialects/omitted.ts';
import { openChat } from '../../dialects/chat/index.ts';
import type { Store, StoredObject } from '../../store/store.ts';
import { answerRequest } from '../answer-route.ts';
import type { AnswerRouteOptions, Opened } from '../answer-route.ts';

export type ChatOptions = AnswerRouteOptions & {
  readonly ids: Ids;
  /** null: nothing is kept. */
  readonly store: Store | null;
  readonly attachments: Attachments;
  /** Whether completions show what the model thought. */
  readonly showsReasoning: boolean;
};

export function chatRoutes(fastify: FastifyInstance, options: ChatOptions): void {
  const open = chatOpener(options);
  fastify.post('/v1/chat/completions', { sse: 'manual', config: { asksForTurns: true } }, (request, reply) =>
    answerRequest(options, open, request, reply),
  );
}

type Context = Pick<ChatOptions, 'ids' | 'clock' | 'store' | 'attachments' | 'showsReasoning'>;

/** Understands bodies of chat completions. */
export function chatOpener(context: Context): (body: unknown) => Promise<Opened> {
  return (body) => open(context, body);
}

async function open(context: Context, body: unknown): Promise<Opened> {
  const { ids, clock, store, attachments, showsReasoning } = context;
  const exchange = openChat(body, { ids, clock, attachments, isStoring: store !== null, showsReasoning });
  const { toStore } = exchange;
  if (store === null || toStore === null) return { exchange, keep: null };
  const { model } = exchange.turn;
  const keep = async (answer: unknown) => {
    const completion = answer as StoredObject & { readonly choices: readonly { readonly finish_reason: unknown }[] };
    // An answer that broke off has no form as a completion.
    if (completion.choices.some(({ finish_reason: reason }) => reason === null)) return;
    const { metadata } = toStore;
    await store.completions.save({
      completion,
      model,
      metadata,
      messages: toStore.messages(completion.id),
    });
  };
  return { exchange, keep };
}
