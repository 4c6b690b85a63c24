import type { InputItem } from './schema-input.ts';
import type { RequestTool } from './schema-tools.ts';

/** What becomes of one type of items or tools; the docs print it. */
export type TypeSupport = { readonly support: 'honoured' | 'ignored'; readonly note: string };

const honoured = (note: string): TypeSupport => ({ support: 'honoured', note });

/** What becomes of each tool that isn't hosted. */
export const declaredTools: { readonly [Type in Exclude<RequestTool['type'], 'hosted'>]: TypeSupport } = {
  function: honoured('`strict` where it is asked for; `defer_loading` and the like change nothing'),
  custom: honoured('text or a grammar, which the model is shown; the engine can’t be held to it'),
  namespace: honoured('its functions and custom tools, under names of their own'),
};

const ofHosted: TypeSupport = { support: 'ignored', note: 'left out, since the model has no tool of this kind' };

/** What becomes of each item of an input. What is left out is named in the log. */
export const inputItemTypes: { readonly [Type in NonNullable<InputItem['type']>]: TypeSupport } = {
  message: honoured('of every role, with or without `type`; images, files and audio become a placeholder, or a 400'),
  reasoning: honoured('what was sealed here, else its `content`, else its `summary`'),
  function_call: honoured('with its namespace'),
  function_call_output: honoured(
    'a text or parts, behind its call; without `call_id`, it answers the latest call that has none',
  ),
  custom_tool_call: honoured('with its namespace'),
  custom_tool_call_output: honoured('a text or parts, behind its call'),
  additional_tools: honoured('its tools are declared beside `tools`'),
  tool_search_output: honoured('its tools are declared beside `tools`'),
  configuration_update: honoured('`reasoning.effort` and `text.format`, until the next one'),
  compaction: honoured('what was compacted here; left out when it was elsewhere'),
  compaction_summary: honoured('Codex’s name of `compaction`'),
  compaction_trigger: honoured('as the last item; the answer is a compaction then'),
  item_reference: honoured('the stored item of that id'),
  tool_search_call: ofHosted,
  web_search_call: ofHosted,
  file_search_call: ofHosted,
  computer_call: ofHosted,
  computer_call_output: ofHosted,
  image_generation_call: ofHosted,
  code_interpreter_call: ofHosted,
  local_shell_call: ofHosted,
  local_shell_call_output: ofHosted,
  shell_call: ofHosted,
  shell_call_output: ofHosted,
  apply_patch_call: ofHosted,
  apply_patch_call_output: ofHosted,
  mcp_list_tools: ofHosted,
  mcp_approval_request: ofHosted,
  mcp_approval_response: ofHosted,
  mcp_call: ofHosted,
  program: ofHosted,
  program_output: ofHosted,
};
