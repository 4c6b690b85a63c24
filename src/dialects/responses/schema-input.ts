import { z } from 'zod';
import { optional } from '../parse.ts';
import { effort, textFormat } from './schema-settings.ts';
import { tool } from './schema-tools.ts';

const part = z.discriminatedUnion('type', [
  z.object({ type: z.literal('input_text'), text: z.string() }),
  z.object({ type: z.literal('output_text'), text: z.string() }),
  z.object({ type: z.literal('refusal'), refusal: z.string() }),
  z.object({ type: z.enum(['input_image', 'input_file', 'input_audio']) }),
]);

export type Part = z.infer<typeof part>;

const content = z.union([z.string(), z.array(part)]);

export type Content = z.infer<typeof content>;

/** An `EasyInputMessage` has no type. */
const message = z.object({
  type: z.literal('message').nullish(),
  role: z.enum(['user', 'assistant', 'system', 'developer']),
  content,
  // Any text: a phase that is not known here says nothing, and later clients will know more of them.
  phase: optional(z.string()),
});

const texts = optional(z.array(z.object({ text: z.string() })));

const reasoning = z.object({
  type: z.literal('reasoning'),
  summary: texts,
  content: texts,
  encrypted_content: optional(z.string()),
});

const callId = z.string().min(1);

const functionCall = z.object({
  type: z.literal('function_call'),
  call_id: callId,
  name: z.string().min(1),
  namespace: optional(z.string()),
  arguments: z.string(),
});

const customToolCall = z.object({
  type: z.literal('custom_tool_call'),
  call_id: callId,
  name: z.string().min(1),
  namespace: optional(z.string()),
  input: z.string(),
});

const toolOutput = z.object({
  type: z.enum(['function_call_output', 'custom_tool_call_output']),
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
    'compaction',
    'compaction_summary',
  ]),
  call_id: optional(z.string()),
});

/** Items that ask for something which can't be left out without changing the answer's meaning. */
const refused = z.object({ type: z.enum(['item_reference', 'compaction_trigger']) });

export const inputItem = z.preprocess(
  nameReference,
  z.discriminatedUnion('type', [
    message,
    reasoning,
    functionCall,
    customToolCall,
    toolOutput,
    moreTools,
    configurationUpdate,
    skipped,
    refused,
  ]),
);

export type InputItem = z.infer<typeof inputItem>;
export type InputMessage = z.infer<typeof message>;
export type InputReasoning = z.infer<typeof reasoning>;

/** A reference may leave its type out, as a message may; only a message has a role. */
function nameReference(item: unknown): unknown {
  if (typeof item !== 'object' || item === null || 'role' in item || !('id' in item)) return item;
  return 'type' in item && item.type !== null && item.type !== undefined ? item : { ...item, type: 'item_reference' };
}
