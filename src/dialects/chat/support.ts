import { severalAnswersNote } from '../answers.ts';
import { effortNote } from '../effort.ts';
import { omittedNote } from '../omitted.ts';
import { streamOptionFields } from '../stream-options.ts';
import type { FieldRule } from '../support.ts';

const samplesByTemperature = 'the engine samples by temperature alone';
const noAccounts = 'this gateway keeps no accounts and reports to nobody';
const localCache = "the engine keeps its own cache of the last conversation and can't be told how";

/**
 * Every field of a Chat Completions request (`ChatCompletionCreateParams` of OpenAI's SDK), those inside messages where
 * something is to be said about them, and the two that other servers taught clients to send.
 */
export const chatFields: readonly FieldRule[] = [
  { field: 'messages', support: 'honoured', note: 'all six roles, in the order given' },
  {
    field: 'messages[].content[].image_url',
    support: 'ignored',
    note: omittedNote,
  },
  { field: 'messages[].content[].input_audio', support: 'ignored', note: omittedNote },
  { field: 'messages[].content[].file', support: 'ignored', note: omittedNote },
  { field: 'messages[].content[].prompt_cache_breakpoint', support: 'ignored', note: localCache },
  { field: 'messages[].audio', support: 'ignored', note: omittedNote },
  {
    field: 'messages[].reasoning_content',
    support: 'honoured',
    note: "an assistant's reasoning, sent back as it was received",
  },
  { field: 'messages[].reasoning', support: 'honoured', note: 'the other name of `reasoning_content`' },
  {
    field: 'messages[].name',
    support: 'honoured',
    note: 'tells which call a `function` message answers; Harmony has no names for other authors, and the log says so',
  },
  { field: 'model', support: 'honoured', note: 'a configured model or alias' },
  { field: 'audio', support: 'refused', note: 'the model writes text only' },
  { field: 'frequency_penalty', support: 'ignored', note: samplesByTemperature, neutral: [0] },
  { field: 'function_call', support: 'honoured', note: 'deprecated by `tool_choice`' },
  { field: 'functions', support: 'honoured', note: 'deprecated by `tools`; answered with `function_call`' },
  {
    field: 'logit_bias',
    support: 'refused',
    note: "the engine can't bias tokens, and the answer could be one that the bias forbids",
  },
  { field: 'logprobs', support: 'refused', note: 'the engine reports no probabilities', neutral: [false] },
  {
    field: 'max_completion_tokens',
    support: 'honoured',
    note: 'reasoning counts; stronger than `max_tokens`',
  },
  { field: 'max_tokens', support: 'honoured', note: 'deprecated by `max_completion_tokens`; means the same' },
  { field: 'metadata', support: 'honoured', note: 'stored with the completion, with `store: true`' },
  { field: 'modalities', support: 'refused', note: 'the model writes text only', neutral: [['text']] },
  {
    field: 'moderation',
    support: 'refused',
    note: 'no moderation model runs here, and silence could pass for a verdict',
  },
  { field: 'n', support: 'honoured', note: severalAnswersNote },
  { field: 'parallel_tool_calls', support: 'honoured', note: 'with `functions` it is always false' },
  { field: 'prediction', support: 'ignored', note: 'it would only change the speed' },
  { field: 'presence_penalty', support: 'ignored', note: samplesByTemperature, neutral: [0] },
  { field: 'prompt_cache_key', support: 'honoured', note: 'names the conversation that the request belongs to' },
  { field: 'prompt_cache_options', support: 'ignored', note: localCache },
  { field: 'prompt_cache_retention', support: 'ignored', note: localCache },
  {
    field: 'reasoning_effort',
    support: 'honoured',
    note: effortNote,
  },
  { field: 'response_format', support: 'honoured', note: 'text, json_object, json_schema' },
  { field: 'safety_identifier', support: 'ignored', note: noAccounts },
  { field: 'seed', support: 'ignored', note: 'the engine has one fixed seed' },
  {
    field: 'service_tier',
    support: 'ignored',
    note: 'there is one tier, and the answer says `default`',
    neutral: ['auto', 'default'],
  },
  { field: 'stop', support: 'honoured', note: 'up to four texts' },
  {
    field: 'store',
    support: 'honoured',
    note: 'false when absent; without effect with the setting `store.enabled: false`',
  },
  { field: 'stream', support: 'honoured', note: '' },
  ...streamOptionFields,
  { field: 'temperature', support: 'honoured', note: '0 to 2, 1 when absent' },
  { field: 'tool_choice', support: 'honoured', note: 'allowed_tools included' },
  { field: 'tools', support: 'honoured', note: 'functions and custom tools' },
  { field: 'top_logprobs', support: 'refused', note: 'the engine reports no probabilities', neutral: [0] },
  { field: 'top_p', support: 'ignored', note: samplesByTemperature, neutral: [1] },
  { field: 'user', support: 'ignored', note: noAccounts },
  {
    field: 'verbosity',
    support: 'ignored',
    note: 'GPT-OSS was not trained to heed it; instructions say it better',
    neutral: ['medium'],
  },
  {
    field: 'web_search_options',
    support: 'ignored',
    note: 'the gateway searches nothing; give the model a tool for it',
  },
];
