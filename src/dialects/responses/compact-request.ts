import { z } from 'zod';
import type { Answer, Exchange } from '../../core/dialect.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Ids } from '../../core/ids.ts';
import { parseRequest } from '../parse.ts';
import { openResponse } from './index.ts';
import type { ResponseContext } from './index.ts';
import { storedItems } from './stored-input.ts';

/** What of a compaction's body counts; the rest of it is about answers, of which there is none. */
const fields = [
  'model',
  'input',
  'instructions',
  'previous_response_id',
  'prompt_cache_key',
  'reasoning',
  'service_tier',
  'prompt_cache_retention',
  'prompt_cache_options',
  'safety_identifier',
] as const;

/**
 * A body of `POST /v1/responses/compact` as that of a response which compacts its own input, and isn't kept.
 *
 * @throws GatewayError for a body that is no object.
 */
export function asResponseBody(body: unknown, defaultModel: string): object {
  const given = parseRequest(z.looseObject({}), body);
  const { input = [] } = given;
  const items = typeof input === 'string' ? [{ role: 'user', content: input }] : (input ?? []);
  return {
    ...Object.fromEntries(fields.map((field) => [field, given[field]])),
    model: given['model'] ?? defaultModel,
    // What is no list is left as it is, to be refused under its own name.
    input: Array.isArray(items) ? [...(items as unknown[]), { type: 'compaction_trigger' }] : items,
    store: false,
  };
}

/**
 * Understands the body of a `POST /v1/responses/compact`. The answer's object is OpenAI's `CompactedResponse`: every
 * message that is not the model's own, as it was, and behind them the compaction.
 *
 * @param body is what `asResponseBody` has made of it.
 * @throws GatewayError naming the field at fault.
 */
export function openCompaction(body: object, context: ResponseContext): Exchange {
  const exchange = openResponse(body, context);
  const { input } = body as { readonly input: readonly unknown[] };
  const said = [...(context.stored?.history?.items ?? []), ...input];
  return {
    turn: exchange.turn,
    stream: false,
    warnings: exchange.warnings,
    answer: () => compactedAnswer(exchange.answer(), said, context.ids),
  };
}

type Made = {
  readonly id: string;
  readonly created_at: number;
  readonly status: string;
  readonly output: readonly { readonly type: string }[];
  readonly usage: unknown;
};

function compactedAnswer(answer: Answer, said: readonly unknown[], ids: Ids): Answer {
  return {
    ...answer,
    object() {
      const { id, created_at, status, output, usage } = answer.object() as Made;
      const compaction = output.find(({ type }) => type === 'compaction');
      if (status === 'incomplete') {
        throw new GatewayError(
          'context_length_exceeded',
          'The conversation leaves too little room in the context window to be summed up. Please shorten it.',
        );
      }
      if (compaction === undefined)
        throw new GatewayError('invalid_answer', 'The model did not sum the conversation up.');
      const messages = storedItems(said.filter(isOthersMessage), ids);
      return { id, object: 'response.compaction', created_at, output: [...messages, compaction], usage };
    },
  };
}

function isOthersMessage(item: unknown): boolean {
  if (typeof item !== 'object' || item === null) return false;
  const { type, role } = item as { readonly type?: unknown; readonly role?: unknown };
  return (type ?? 'message') === 'message' && typeof role === 'string' && role !== 'assistant';
}
