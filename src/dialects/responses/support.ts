import { effortNote } from '../effort.ts';
import type { FieldRule } from '../support.ts';

const samplesByTemperature = 'the engine samples by temperature alone';
const noAccounts = 'this gateway keeps no accounts and reports to nobody';
const localCache = "the engine keeps its own cache of the last conversation and can't be told how";
const noHostedTools = 'the gateway runs no tools of its own, so there are no such calls';
const ofChat = (here: string) => `it belongs to Chat Completions; the Responses API has ${here}`;

/**
 * Every field of a Responses request (`ResponseCreateParams` of OpenAI's SDK) and those that other clients are known to
 * send. Items and tools inside `input` and `tools` have tables of their own in support-items.ts.
 */
export const responsesFields: readonly FieldRule[] = [
  { field: 'model', support: 'honoured', note: 'a configured model or alias' },
  {
    field: 'input',
    support: 'honoured',
    note: 'a text or items; images, files and audio become a placeholder (or a 400, by the setting `harmony.attachments`), calls of hosted tools are left out',
  },
  { field: 'instructions', support: 'honoured', note: 'the first developer message' },
  {
    field: 'tools',
    support: 'honoured',
    note: 'function, custom and namespace; hosted tools (web_search, mcp, …) are accepted and left out',
  },
  {
    field: 'tool_choice',
    support: 'honoured',
    note: 'none, auto, required, a function or custom tool by name, allowed_tools; a hosted tool counts as auto',
  },
  { field: 'parallel_tool_calls', support: 'honoured', note: '' },
  { field: 'max_output_tokens', support: 'honoured', note: 'reasoning counts' },
  { field: 'temperature', support: 'honoured', note: '0 to 2, 1 when absent' },
  { field: 'stream', support: 'honoured', note: '' },
  { field: 'reasoning', support: 'honoured', note: '' },
  {
    field: 'reasoning.effort',
    support: 'honoured',
    note: effortNote,
  },
  {
    field: 'reasoning.summary',
    support: 'honoured',
    note: 'the reasoning itself, whole, is sent as the summary instead of as `reasoning_text`; nobody shortens it',
  },
  { field: 'reasoning.generate_summary', support: 'honoured', note: 'deprecated by `reasoning.summary`' },
  {
    field: 'reasoning.context',
    support: 'ignored',
    note: "Harmony's own rule is kept: reasoning is shown to the model until its next final answer",
    neutral: ['auto', 'current_turn'],
  },
  { field: 'reasoning.mode', support: 'ignored', note: 'there is one mode', neutral: ['standard'] },
  { field: 'text', support: 'honoured', note: '' },
  { field: 'text.format', support: 'honoured', note: 'text, json_object, json_schema' },
  {
    field: 'text.verbosity',
    support: 'ignored',
    note: 'GPT-OSS was not trained to heed it; instructions say it better',
    neutral: ['medium'],
  },
  { field: 'metadata', support: 'honoured', note: 'repeated in the response, and stored with it' },
  { field: 'prompt_cache_key', support: 'honoured', note: 'names the conversation that the request belongs to' },
  { field: 'prompt_cache_retention', support: 'ignored', note: localCache },
  { field: 'prompt_cache_options', support: 'honoured', note: '' },
  { field: 'prompt_cache_options.mode', support: 'ignored', note: localCache, neutral: ['implicit'] },
  { field: 'prompt_cache_options.ttl', support: 'ignored', note: localCache },
  { field: 'prompt_cache_options.comparison_response_id', support: 'ignored', note: localCache },
  {
    field: 'prompt_cache_options.prewarm',
    support: 'honoured',
    note: 'the response has no output and can be followed on; its prompt’s tokens are there when it is, and the engine isn’t asked',
  },
  {
    field: 'background',
    support: 'honoured',
    note: 'the response is made whether its client waits or not; only with `store`, and not over WebSockets',
  },
  { field: 'background_options', support: 'honoured', note: '' },
  {
    field: 'background_options.completion_window',
    support: 'ignored',
    note: 'there are no cheaper hours: it begins when an engine is free',
    neutral: ['soonest'],
  },
  {
    field: 'background_options.continuation_id',
    support: 'ignored',
    note: 'requests are taken in the order in which they come; a conversation keeps its place in the cache anyhow',
  },
  {
    field: 'previous_response_id',
    support: 'honoured',
    note: 'what was said in that response and before comes first; instructions and settings are not carried over',
  },
  {
    field: 'conversation',
    support: 'honoured',
    note: 'its items come first, and the turn is added to it when it has ended; not with `store: false`',
  },
  { field: 'prompt', support: 'refused', note: 'prompt templates are kept at OpenAI' },
  {
    field: 'store',
    support: 'honoured',
    note: 'true when absent; false leaves nothing on the disk, and so does the setting `store.enabled: false`',
  },
  {
    field: 'include[]',
    support: 'ignored',
    note: 'there is nothing else to include: no hosted tools, no log probabilities; images are listed as they were sent',
    neutral: ['reasoning.encrypted_content', 'message.input_image.image_url', 'computer_call_output.output.image_url'],
  },
  {
    field: 'include',
    support: 'honoured',
    note: '`reasoning.encrypted_content`: the reasoning, sealed so that the gateway alone can read it when it comes back',
  },
  { field: 'top_logprobs', support: 'refused', note: 'the engine reports no probabilities', neutral: [0] },
  { field: 'top_p', support: 'ignored', note: samplesByTemperature, neutral: [1] },
  {
    field: 'truncation',
    support: 'honoured',
    note: 'auto: the oldest turns are left out, calls together with their outputs, until there is room for an answer; the engine then reads the rest anew in every turn',
  },
  {
    field: 'context_management',
    support: 'honoured',
    note: '`compaction` with a `compact_threshold`: where the prompt has more tokens than that, what the model has said and done is summed up first, and the answer begins with a `compaction` item',
  },
  { field: 'max_tool_calls', support: 'ignored', note: noHostedTools },
  {
    field: 'moderation',
    support: 'refused',
    note: 'no moderation model runs here, and silence could pass for a verdict',
  },
  { field: 'access_programs', support: 'ignored', note: noAccounts },
  { field: 'image', support: 'ignored', note: 'the model reads text only' },
  {
    field: 'service_tier',
    support: 'ignored',
    note: 'there is one tier, and the answer says `default`',
    neutral: ['auto', 'default'],
  },
  { field: 'safety_identifier', support: 'ignored', note: noAccounts },
  { field: 'user', support: 'ignored', note: noAccounts },
  { field: 'stream_options', support: 'honoured', note: '' },
  {
    field: 'stream_options.include_obfuscation',
    support: 'honoured',
    note: 'false when absent: the stream is meant for this machine; true pads delta events to multiples of 16 bytes',
  },
  { field: 'client_metadata', support: 'ignored', note: "Codex's own; " + noAccounts },
  { field: 'presence_penalty', support: 'ignored', note: samplesByTemperature, neutral: [0] },
  { field: 'frequency_penalty', support: 'ignored', note: samplesByTemperature, neutral: [0] },
  { field: 'messages', support: 'refused', note: ofChat('`input`') },
  { field: 'max_tokens', support: 'refused', note: ofChat('`max_output_tokens`') },
  { field: 'max_completion_tokens', support: 'refused', note: ofChat('`max_output_tokens`') },
  { field: 'response_format', support: 'refused', note: ofChat('`text.format`') },
  { field: 'reasoning_effort', support: 'refused', note: ofChat('`reasoning.effort`') },
  { field: 'stop', support: 'refused', note: ofChat('no stop texts') },
];
