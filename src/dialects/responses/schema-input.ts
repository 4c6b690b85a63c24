import { z } from 'zod';
import { effort } from '../effort.ts';
import { optional } from '../parse.ts';
import { textFormat } from './schema-settings.ts';
import { tool } from './schema-tools.ts';

// Items are most of a request, so what may be null in them stays null here: `optional` costs a transform each.

const part = z.discriminatedUnion('type', [
  z.object({ type: z.literal('input_text'), text: z.string() }),
  z.object({ type: z.literal('output_text'), text: z.string() }),
  z.object({ type: z.literal('refusal'), refusal: z.string() }),
  z.object({ type: z.enum(['input_image', 'input_file', 'input_audio']) }),
]);

export type Part = z.infer<typeof part>;

const content = z.union([z.array(part), z.string()]);

export type Content = z.infer<typeof content>;

/** An `EasyInputMessage` has no type. */
const message = z.object({
  type: z.literal('message').nullish(),
  role: z.enum(['user', 'assistant', 'system', 'developer']),
  content,
  // Any text: a phase that is not known here says nothing, and later clients will know more of them.
  phase: z.string().nullish(),
});

const texts = z.array(z.object({ text: z.string() })).nullish();

const reasoning = z.object({
  type: z.literal('reasoning'),
  summary: texts,
  content: texts,
  encrypted_content: z.string().nullish(),
});

const callId = z.string().min(1);

const functionCall = z.object({
  type: z.literal('function_call'),
  call_id: callId,
  name: z.string().min(1),
  namespace: z.string().nullish(),
  arguments: z.string(),
});

const customToolCall = z.object({
  type: z.literal('custom_tool_call'),
  call_id: callId,
  name: z.string().min(1),
  namespace: z.string().nullish(),
  input: z.string(),
});

const functionCallOutput = z.object({
  type: z.literal('function_call_output'),
  // call-ids.ts finds the call of an output without.
  call_id: callId.nullish(),
  name: z.string().nullish(),
  namespace: z.string().nullish(),
  output: content,
});

const customToolCallOutput = z.object({
  type: z.literal('custom_tool_call_output'),
  call_id: callId,
  output: content,
});

const moreTools = z.object({
  type: z.enum(['additional_tools', 'tool_search_output']),
  tools: z.array(tool),
});

const configurationUpdate = z.object({
  type: z.literal('configuration_update'),
  reasoning: optional(z.object({ effort: optional(effort) })),
  text: optional(z.object({ format: optional(textFormat) })),
});

/** What only a server that made it can read or that a model without hosted tools has no words for. */
const skipped = z.object({
  type: z.enum([
    'tool_search_call',
    'web_search_call',
    'file_search_call',
    'computer_call',
    'computer_call_output',
    'image_generation_call',
    'code_interpreter_call',
    'local_shell_call',
    'local_shell_call_output',
    'shell_call',
    'shell_call_output',
    'apply_patch_call',
    'apply_patch_call_output',
    'mcp_list_tools',
    'mcp_approval_request',
    'mcp_approval_response',
    'mcp_call',
    'program',
    'program_output',
  ]),
  call_id: z.string().nullish(),
});

/** `compaction_summary` is what Codex calls it. */
const compaction = z.object({ type: z.enum(['compaction', 'compaction_summary']), encrypted_content: z.string() });

const compactionTrigger = z.object({ type: z.literal('compaction_trigger') });

/** One that is stored stands in the place of its reference before an input is read: this one isn't. */
const reference = z.object({ type: z.literal('item_reference'), id: z.string() });

const item = z.discriminatedUnion('type', [
  message,
  reasoning,
  functionCall,
  customToolCall,
  functionCallOutput,
  customToolCallOutput,
  moreTools,
  configurationUpdate,
  skipped,
  compaction,
  compactionTrigger,
  reference,
]);

export const inputItems = z.preprocess(nameReferences, z.array(item));

export type InputItem = z.infer<typeof item>;
export type InputMessage = z.infer<typeof message>;
export type InputReasoning = z.infer<typeof reasoning>;

/** A reference may leave its type out, as a message may; only a message has a role. */
function nameReferences(items: unknown): unknown {
  if (!Array.isArray(items) || !items.some(isBareReference)) return items;
  return items.map((item: unknown) => (isBareReference(item) ? { ...item, type: 'item_reference' } : item));
}

function isBareReference(item: unknown): item is { readonly id: unknown } {
  if (typeof item !== 'object' || item === null || 'role' in item || !('id' in item)) return false;
  return !('type' in item) || item.type === null;
}
