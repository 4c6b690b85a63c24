import { z } from 'zod';
import { metadata } from '../metadata.ts';
import { effort } from '../effort.ts';
import { optional } from '../parse.ts';
import { inputItems } from './schema-input.ts';
import { textFormat } from './schema-settings.ts';
import { tool, toolChoice } from './schema-tools.ts';

const summary = z.enum(['auto', 'concise', 'detailed', 'none']);

/**
 * The body of `POST /v1/responses`, as far as its fields are honoured or repeated in the answer; support.ts says what
 * becomes of the others. null is absent.
 */
export const responsesRequest = z.object({
  model: z.string().min(1).max(256),
  input: z.union([z.string(), inputItems]),
  instructions: optional(z.string()),
  tools: optional(z.array(tool)),
  tool_choice: optional(toolChoice),
  parallel_tool_calls: optional(z.boolean()),
  reasoning: optional(
    z.object({ effort: optional(effort), summary: optional(summary), generate_summary: optional(summary) }),
  ),
  text: optional(z.object({ format: optional(textFormat), verbosity: optional(z.enum(['low', 'medium', 'high'])) })),
  // OpenAI's least is 16, but the check that Codex makes of a local server asks for 1.
  max_output_tokens: optional(z.int().min(1)),
  temperature: optional(z.number().min(0).max(2)),
  stream: optional(z.boolean()),
  stream_options: optional(z.object({ include_obfuscation: optional(z.boolean()) })),
  include: optional(z.array(z.string())),
  prompt_cache_key: optional(z.string()),
  prompt_cache_options: optional(z.object({ prewarm: optional(z.boolean()) })),
  store: optional(z.boolean()),
  background: optional(z.boolean()),
  previous_response_id: optional(z.string()),
  conversation: optional(z.union([z.string(), z.object({ id: z.string() })])),
  // Without effect; the answer repeats them.
  max_tool_calls: optional(z.int().min(1)),
  metadata: optional(metadata),
  top_p: optional(z.number().min(0).max(1)),
  presence_penalty: optional(z.number().min(-2).max(2)),
  frequency_penalty: optional(z.number().min(-2).max(2)),
  prompt_cache_retention: optional(z.string()),
  safety_identifier: optional(z.string()),
  truncation: optional(z.enum(['auto', 'disabled'])),
  context_management: optional(
    z.array(z.object({ type: z.literal('compaction'), compact_threshold: optional(z.int().min(1)) })),
  ),
  user: optional(z.string()),
});

export type ResponsesRequest = z.infer<typeof responsesRequest>;
