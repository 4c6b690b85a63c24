import type { Usage } from '../../core/event.ts';
import type { ResponsesRequest } from './schema.ts';
import type { RequestFormat } from './schema-settings.ts';
import type { Settings } from './to-turn.ts';

/** The fields of a response object that change while it is being made. */
export type ResponseState = {
  readonly status: 'queued' | 'in_progress' | 'completed' | 'incomplete' | 'failed' | 'cancelled';
  /** Seconds since 1970; null unless completed. */
  readonly completed_at: number | null;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly incomplete_details: { readonly reason: 'max_output_tokens' } | null;
  readonly output: readonly object[];
  readonly usage: ReturnType<typeof responseUsage> | null;
};

/**
 * The fields of a response object that repeat the request, or say what held for it: `Response` of OpenAI's SDK, less
 * `output_text`, which the SDK adds itself. What the Open Responses specification requires beyond it is there too.
 *
 * @param body is the request as it came: tools and their like are repeated as they were written.
 * @param stored whether the response is kept.
 */
export function requestFields(request: ResponsesRequest, body: object, settings: Settings, stored: boolean) {
  const written = body as { readonly tools?: readonly object[] | null; readonly tool_choice?: unknown };
  const { conversation } = request;
  return {
    access_programs: null,
    background: request.background ?? false,
    ...(conversation === undefined
      ? {}
      : { conversation: typeof conversation === 'string' ? { id: conversation } : conversation }),
    frequency_penalty: request.frequency_penalty ?? 0,
    instructions: request.instructions ?? null,
    max_output_tokens: request.max_output_tokens ?? null,
    max_tool_calls: request.max_tool_calls ?? null,
    metadata: request.metadata ?? {},
    model: request.model,
    parallel_tool_calls: request.parallel_tool_calls ?? true,
    presence_penalty: request.presence_penalty ?? 0,
    previous_response_id: request.previous_response_id ?? null,
    prompt_cache_key: request.prompt_cache_key ?? null,
    prompt_cache_retention: request.prompt_cache_retention ?? null,
    reasoning: {
      effort: settings.effort,
      summary: request.reasoning?.summary ?? request.reasoning?.generate_summary ?? null,
    },
    safety_identifier: request.safety_identifier ?? null,
    service_tier: 'default',
    store: stored,
    temperature: request.temperature ?? 1,
    text: { format: formatField(settings.format), verbosity: request.text?.verbosity ?? 'medium' },
    tool_choice: written.tool_choice ?? 'auto',
    tools: (written.tools ?? []).map(toolField),
    top_logprobs: 0,
    top_p: request.top_p ?? 1,
    truncation: request.truncation ?? 'disabled',
    user: request.user ?? null,
  };
}

/** A function's fields are all there in an answer. */
function toolField(tool: object): object {
  const { type, description, parameters, strict } = tool as Record<string, unknown>;
  if (type !== 'function') return tool;
  return { ...tool, description: description ?? null, parameters: parameters ?? null, strict: strict ?? false };
}

function formatField(format: RequestFormat) {
  if (format.type !== 'json_schema') return { type: format.type };
  const { type, name, description, schema, strict } = format;
  return { type, name, description: description ?? null, schema, strict: strict ?? false };
}

/** `ResponseUsage` of OpenAI's SDK. */
export function responseUsage(usage: Usage) {
  return {
    input_tokens: usage.inputTokens,
    input_tokens_details: {
      cached_tokens: usage.cachedTokens,
      // A count for bills; keeping the prompt costs nothing here.
      cache_write_tokens: 0,
    },
    output_tokens: usage.outputTokens,
    output_tokens_details: { reasoning_tokens: usage.reasoningTokens },
    total_tokens: usage.inputTokens + usage.outputTokens,
  };
}
