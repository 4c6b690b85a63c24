import { GatewayError } from '../core/errors.ts';
import type { Clock, Ids } from '../core/ids.ts';
import type { Attachments } from '../dialects/omitted.ts';
import { openResponse } from '../dialects/responses/index.ts';
import type { ResponsesExchange } from '../dialects/responses/index.ts';
import type { Seals } from '../dialects/responses/seals.ts';
import type { RecordedAnswer } from '../dialects/responses/script.ts';
import { storedReferences } from '../dialects/responses/stored-input.ts';
import type { Chain, Store, StoredItem, StoredObject } from '../store/store.ts';
import type { Opened } from './answer-route.ts';
import { readItems, readStored } from './stored-input.ts';

export type OpenOptions = {
  readonly ids: Ids;
  readonly clock: Clock;
  readonly seals: Seals;
  readonly attachments: Attachments;
  /** null: nothing is kept. */
  readonly store: Store | null;
};

/** A request for a response that was understood. */
export type OpenedResponse = Opened & {
  readonly exchange: ResponsesExchange;
  /** What it follows. */
  readonly history: Chain | null;
  /** The answer that `exchange.answer` begins, where it is kept; null: it isn't. */
  readonly recorded: RecordedAnswer | null;
};

/**
 * Understands a request for a response, with what the store has of the things that it refers to.
 *
 * @param remembered what it follows, where that is known without the store because it was not to be stored. Then nothing
 *   that follows on it is: what was said before would be stored with it.
 * @throws GatewayError naming the field at fault.
 */
export async function openResponseRequest(
  { store, ...context }: OpenOptions,
  body: unknown,
  remembered: Chain | null = null,
): Promise<OpenedResponse> {
  if (remembered !== null) return openRemembered({ store, ...context }, body as object, remembered);
  if (store === null) return { exchange: openResponse(body, context), keep: null, history: null, recorded: null };
  const stored = await readStored(store, storedReferences(body));
  const exchange = openResponse(body, { ...context, stored });
  const { toStore, input } = exchange;
  const { history } = stored;
  if (toStore === null) return { exchange, keep: null, history, recorded: null };
  const recorded = toStore.answer();
  // What `keep` refers to lives as long as the stream: not the exchange, whose turn is as large as the request.
  const { conversation } = toStore;
  const { conversationKey } = exchange.turn;
  const keep = (object: unknown) => {
    const response = object as StoredObject & { readonly status: string; readonly output: readonly StoredItem[] };
    return store.responses.save({
      response,
      input: input(),
      output: response.output,
      script: recorded.takeScript(),
      after: history,
      key: conversationKey,
      // What a failed turn has said is no part of the conversation: it will be tried again.
      joins: response.status === 'failed' ? null : conversation,
    });
  };
  return { exchange: { ...exchange, answer: () => recorded }, keep, history, recorded };
}

async function openRemembered(
  { store, ...context }: OpenOptions,
  body: { readonly store?: unknown },
  history: Chain,
): Promise<OpenedResponse> {
  if (body.store === true) {
    throw new GatewayError(
      'unsupported_value',
      "Unsupported value: 'store' can't be true for a response that follows on one with `store: false`.",
      { param: 'store' },
    );
  }
  const { items } = storedReferences(body);
  const stored = { history, items: store === null ? new Map<string, StoredItem>() : await readItems(store, items) };
  const exchange = openResponse({ ...body, store: false }, { ...context, stored });
  return { exchange, keep: null, history, recorded: null };
}
