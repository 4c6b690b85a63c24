import type { AnswerFormat, Turn } from '../../core/turn.ts';
import { toEffort } from '../effort.ts';
import type { ChatRequest, ResponseFormat } from './schema.ts';
import { toItems } from './to-items.ts';
import type { ChatTools } from './to-tools.ts';

/** @throws GatewayError for a request that is well-formed but contradicts itself. */
export function toTurn(request: ChatRequest, tools: ChatTools): Turn {
  return {
    model: request.model,
    items: toItems(request.messages),
    tools: tools.tools,
    toolChoice: tools.toolChoice,
    parallelToolCalls: tools.parallelToolCalls,
    effort: toEffort(request.reasoning_effort ?? 'medium'),
    format: toFormat(request.response_format),
    maxOutputTokens: request.max_completion_tokens ?? request.max_tokens ?? null,
    temperature: request.temperature ?? 1,
    stop: request.stop,
    conversationKey: request.prompt_cache_key ?? null,
    fields: { conversation: 'messages', tools: 'tools', schema: 'response_format.json_schema.schema' },
  };
}

function toFormat(format: ResponseFormat | undefined): AnswerFormat {
  switch (format?.type) {
    case undefined:
    case 'text':
      return { type: 'text' };
    case 'json_object':
      return { type: 'json-object' };
    case 'json_schema': {
      const { name, description, schema, strict } = format.json_schema;
      return {
        type: 'json-schema',
        name,
        description: description ?? null,
        schema: schema ?? {},
        strict: strict ?? false,
      };
    }
  }
}
