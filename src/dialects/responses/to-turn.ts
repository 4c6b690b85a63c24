import type { AnswerFormat, Turn } from '../../core/turn.ts';
import { toEffort } from '../effort.ts';
import type { RequestEffort } from '../effort.ts';
import type { RequestFormat } from './schema-settings.ts';
import type { ResponsesRequest } from './schema.ts';
import { asksForCompaction } from './compaction.ts';
import { toItems } from './to-items.ts';
import type { Reading } from './to-items.ts';
import { toToolChoice, toTools } from './to-tools.ts';

/**
 * @param warn is told what was left out.
 * @throws GatewayError for a request that is well-formed but contradicts itself.
 */
export function toTurn(
  request: ResponsesRequest,
  settings: Settings,
  warn: (warning: string) => void,
  reading: Reading,
): Turn {
  const items = toItems(request, warn, reading);
  // A summary is text, whatever the turns around it are to be.
  const compacts = asksForCompaction(request.input);
  const tools = compacts ? [] : toTools(request, warn, reading.earlier);
  return {
    model: request.model,
    items,
    tools,
    toolChoice: compacts ? { type: 'none' } : toToolChoice(request, tools, warn),
    parallelToolCalls: request.parallel_tool_calls ?? true,
    effort: toEffort(settings.effort),
    format: compacts ? { type: 'text' } : toFormat(settings.format),
    maxOutputTokens: request.max_output_tokens ?? null,
    temperature: request.temperature ?? 1,
    stop: [],
    conversationKey: request.prompt_cache_key ?? null,
    fields: { conversation: 'input', tools: 'tools', schema: 'text.format.schema' },
    ...(request.truncation === 'auto' ? { truncation: 'auto' as const } : {}),
  };
}

/** What an item of the input can change on the way. */
export type Settings = { readonly effort: RequestEffort; readonly format: RequestFormat };

/** The request's settings, after every `configuration_update` of its input: each stays until the next one. */
export function settingsOf(request: ResponsesRequest): Settings {
  let effort = request.reasoning?.effort ?? 'medium';
  let format = request.text?.format ?? { type: 'text' as const };
  if (typeof request.input !== 'string') {
    for (const item of request.input) {
      if (item.type !== 'configuration_update') continue;
      effort = item.reasoning?.effort ?? effort;
      format = item.text?.format ?? format;
    }
  }
  return { effort, format };
}

function toFormat(format: RequestFormat): AnswerFormat {
  switch (format.type) {
    case 'text':
      return { type: 'text' };
    case 'json_object':
      return { type: 'json-object' };
    case 'json_schema': {
      const { name, description, schema, strict } = format;
      return { type: 'json-schema', name, description: description ?? null, schema, strict: strict ?? false };
    }
  }
}
