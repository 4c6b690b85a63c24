import type { Exchange } from '../../core/dialect.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Turn } from '../../core/turn.ts';
import type { Clock, Ids } from '../../core/ids.ts';
import type { Attachments } from '../omitted.ts';
import { parseRequest } from '../parse.ts';
import { applySupport } from '../support.ts';
import { autoCompaction } from './auto-compaction.ts';
import { asksForCompaction } from './compaction.ts';
import type { AnswerForm } from './making.ts';
import { requestFields } from './response.ts';
import { inputItems } from './schema-input.ts';
import { responsesRequest } from './schema.ts';
import type { ResponsesRequest } from './schema.ts';
import type { Seals } from './seals.ts';
import { storedItems, storedReferences, withReferenced } from './stored-input.ts';
import { responsesFields } from './support.ts';
import { recordAnswer } from './script.ts';
import type { RecordedAnswer } from './script.ts';
import { createResponsesAnswer } from './to-stream.ts';
import { settingsOf, toTurn } from './to-turn.ts';

export type ResponseContext = {
  readonly ids: Ids;
  readonly clock: Clock;
  readonly seals: Seals;
  readonly attachments: Attachments;
  /** What a store has of that which the request refers to (see `storedReferences`); absent: nothing is stored here. */
  readonly stored?: StoredInput;
};

export type StoredInput = {
  /** What was said before this turn, and how that conversation is known; null: the request names nothing that is there. */
  readonly history: { readonly items: readonly object[]; readonly key: string | null } | null;
  /** The items that are there, of those that the input refers to, by their ids. */
  readonly items: ReadonlyMap<string, object>;
};

export type ResponsesExchange = Exchange & {
  /** The items of the input, as they are listed; called once. */
  readonly input: () => readonly { readonly id: string }[];
  /** What is to be stored beside the response; null: nothing of this turn is to be stored. */
  readonly toStore: {
    /** The conversation that the turn becomes part of. */
    readonly conversation: string | null;
    /** Begins the answer and keeps its script; call it once, and in place of `answer`. */
    readonly answer: () => RecordedAnswer;
  } | null;
  /** The response is to be made whether its client waits for it or not. */
  readonly background: boolean;
};

/** Thousands of tools can each be worth one; a person reads a few. */
const mostWarnings = 100;

/**
 * Understands the body of a `POST /v1/responses`.
 *
 * @throws GatewayError naming the field at fault.
 */
export function openResponse(body: unknown, context: ResponseContext): ResponsesExchange {
  const { ids, clock, seals, attachments, stored } = context;
  // What is refused comes first: without `messages` of Chat Completions, say, it is no wonder that `input` is missing.
  const warnings = isObject(body) ? applySupport(responsesFields, body) : [];
  checkReferences(body, stored);
  const whole = withReferenced(body, stored?.items ?? new Map()) as { readonly input: string | readonly unknown[] };
  const request = parseRequest(responsesRequest, whole);
  const kept = (request.store ?? true) && stored !== undefined;
  if (request.store === true && !kept) warnings.push('nothing is stored here (store.enabled), so store has no effect');
  const conversation = conversationOf(request, kept);
  const stream = request.stream ?? false;
  const background = request.background ?? false;
  if (background && !kept) throw backgroundRefusal(stored !== undefined);
  const history = stored?.history ?? null;
  const earlier = history === null ? [] : parseRequest(inputItems, history.items);
  const complete = withHistory(request, earlier);
  const settings = settingsOf(complete);
  const field = request.conversation === undefined ? ('previous_response_id' as const) : ('conversation' as const);
  const reading = { earlier: { count: earlier.length, field }, isStoring: stored !== undefined, attachments, seals };
  const warn = (warning: string) => {
    if (warnings.length < mostWarnings) warnings.push(warning);
  };
  // Those that follow on a response are known by what its first one was known by.
  const known = (turn: Turn) => (history === null ? turn : { ...turn, conversationKey: history.key });
  const turn = known(toTurn(complete, settings, warn, reading));
  const compaction = autoCompaction(complete, seals, (shortened) =>
    known(toTurn(shortened, settings, () => {}, reading)),
  );
  if (request.context_management?.some(({ compact_threshold: tokens }) => tokens === undefined) === true)
    warn('context_management has no effect without a compact_threshold');
  const { summary, generate_summary: generateSummary } = request.reasoning ?? {};
  const form: AnswerForm = {
    asSummary: (summary ?? generateSummary ?? 'none') !== 'none',
    sealed: request.include?.includes('reasoning.encrypted_content') ?? false,
    compacts: asksForCompaction(request.input),
    obfuscates: request.stream_options?.include_obfuscation ?? false,
  };
  const options = {
    createdAt: Math.floor(clock.now() / 1000),
    request: requestFields(request, body as object, settings, kept),
    jsonContent: settings.format.type !== 'text',
    form,
  };
  const sources = { ids, now: clock.now, seal: seals.seal };
  const optionsOfNext = () => ({ id: ids.next('resp'), ...options });
  return {
    turn,
    ...(compaction === null ? {} : { compaction }),
    prepares: request.prompt_cache_options?.prewarm ?? false,
    stream,
    warnings,
    background,
    input: itemsOf(whole.input, ids),
    toStore: kept
      ? {
          conversation,
          answer: () => recordAnswer(optionsOfNext(), sources, !stream && !background),
        }
      : null,
    answer: () => createResponsesAnswer(optionsOfNext(), sources),
  };
}

// With nothing around it, for it is kept as long as the stream lasts: a function that is made where the request is read
// keeps all of the request.
const itemsOf = (input: string | readonly unknown[], ids: Ids) => () => storedItems(input, ids);

/** @throws GatewayError when the request names a response or a conversation that isn't there, or one of each. */
function checkReferences(body: unknown, stored: StoredInput | undefined): void {
  const { previousResponse, conversation } = storedReferences(body);
  if (previousResponse !== null && conversation !== null) {
    throw new GatewayError(
      'invalid_value',
      "'previous_response_id' and 'conversation' exclude each other: a response follows on one of them.",
      { param: 'previous_response_id' },
    );
  }
  if (stored !== undefined && stored.history !== null) return;
  if (previousResponse !== null) {
    const why = stored === undefined ? ": responses are not kept here; send the whole conversation as 'input'." : '.';
    throw new GatewayError(
      'previous_response_not_found',
      `Previous response with id '${previousResponse}' not found${why}`,
      { param: 'previous_response_id' },
    );
  }
  if (conversation === null) return;
  if (stored !== undefined) {
    throw new GatewayError('not_found', `Conversation with id '${conversation}' not found.`, { param: 'conversation' });
  }
  throw new GatewayError(
    'unsupported_parameter',
    "Unsupported parameter: 'conversation': responses are not kept here; send the whole conversation as `input`.",
    { param: 'conversation' },
  );
}

function conversationOf({ conversation, store }: ResponsesRequest, kept: boolean): string | null {
  if (conversation === undefined) return null;
  if (kept) return typeof conversation === 'string' ? conversation : conversation.id;
  throw new GatewayError(
    'unsupported_value',
    `Unsupported value: 'store' can't be ${String(store)} with 'conversation', which is where the turn would be stored.`,
    { param: 'store' },
  );
}

function backgroundRefusal(isStoring: boolean): GatewayError {
  const why = isStoring
    ? 'a response that is made in the background has to be stored'
    : 'responses are not kept here (store.enabled), and a response that is made in the background has to be';
  return new GatewayError('unsupported_value', `Unsupported value: 'background' can't be true here: ${why}.`, {
    param: 'background',
  });
}

/** The request with everything that was said before in front of its input. */
function withHistory(request: ResponsesRequest, earlier: Exclude<ResponsesRequest['input'], string>): ResponsesRequest {
  if (earlier.length === 0) return request;
  const { input } = request;
  const added = typeof input === 'string' ? [{ role: 'user' as const, content: input }] : input;
  return { ...request, input: [...earlier, ...added] };
}

function isObject(body: unknown): body is object {
  return typeof body === 'object' && body !== null && !Array.isArray(body);
}
