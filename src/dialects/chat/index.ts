import type { Exchange } from '../../core/dialect.ts';
import type { Clock, Ids } from '../../core/ids.ts';
import { refusingAttachments } from '../omitted.ts';
import type { Attachments } from '../omitted.ts';
import { parseRequest } from '../parse.ts';
import { applySupport } from '../support.ts';
import { chatRequest } from './schema.ts';
import { toStore } from './stored-messages.ts';
import type { ToStore } from './stored-messages.ts';
import { chatFields } from './support.ts';
import { lostNames } from './to-items.ts';
import { createChatAnswer } from './to-stream.ts';
import { toTools } from './to-tools.ts';
import { toTurn } from './to-turn.ts';

export type ChatContext = {
  readonly ids: Ids;
  readonly clock: Clock;
  /** Completions can be stored here; absent: they can't. */
  readonly isStoring?: boolean;
  /** Absent: a placeholder. */
  readonly attachments?: Attachments;
  /** Whether completions show what the model thought; absent: they do. */
  readonly showsReasoning?: boolean;
};

export type ChatExchange = Exchange & {
  /** What is to be stored beside the completion; null: it is not to be stored. */
  readonly toStore: ToStore | null;
};

/**
 * Understands the body of a `POST /v1/chat/completions`.
 *
 * @throws GatewayError naming the field at fault.
 */
export function openChat(body: unknown, context: ChatContext): ChatExchange {
  const request = parseRequest(chatRequest, body);
  const fields = context.attachments === 'refuse' ? refusingAttachments(chatFields) : chatFields;
  const warnings = [...applySupport(fields, body as object), ...lostNames(request.messages)];
  const { isStoring = false, showsReasoning = true } = context;
  if (request.store === true && !isStoring)
    warnings.push('nothing is stored here (store.enabled), so store has no effect');
  const tools = toTools(request);
  const turn = toTurn(request, tools);
  return {
    turn,
    further: Array.from({ length: (request.n ?? 1) - 1 }, () => turn),
    stream: request.stream ?? false,
    warnings,
    toStore: request.store === true && isStoring ? toStore(body as object) : null,
    answer: () =>
      createChatAnswer({
        completion: {
          id: context.ids.next('chatcmpl'),
          created: Math.floor(context.clock.now() / 1000),
          model: request.model,
          showTier: request.service_tier !== undefined,
        },
        includeUsage: request.stream_options?.include_usage ?? false,
        obfuscate: request.stream_options?.include_obfuscation ?? false,
        showsReasoning,
        mayCall: turn.tools.length > 0 && turn.toolChoice.type !== 'none',
        legacyFunctions: tools.legacyFunctions,
        jsonContent: turn.format.type !== 'text',
      }),
  };
}
