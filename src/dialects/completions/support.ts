import type { FieldRule } from '../support.ts';

const samplesByTemperature = 'the engine samples by temperature alone';
const oneAnswer = 'one answer a request; send the request again for another';

/** Every field of a legacy Completions request (`CompletionCreateParams` of OpenAI's SDK). */
export const completionFields: readonly FieldRule[] = [
  { field: 'model', support: 'honoured', note: 'a configured model or alias' },
  {
    field: 'prompt',
    support: 'honoured',
    note: 'one text; GPT-OSS is a chat model, so it gets it as a user message and answers without reasoning first',
  },
  { field: 'best_of', support: 'refused', note: oneAnswer, neutral: [1] },
  { field: 'echo', support: 'honoured', note: '' },
  { field: 'frequency_penalty', support: 'ignored', note: samplesByTemperature, neutral: [0] },
  {
    field: 'logit_bias',
    support: 'refused',
    note: "the engine can't bias tokens, and the answer could be one that the bias forbids",
  },
  { field: 'logprobs', support: 'refused', note: 'the engine reports no probabilities' },
  { field: 'max_tokens', support: 'honoured', note: 'when absent, the answer ends where the model ends it' },
  { field: 'n', support: 'refused', note: oneAnswer, neutral: [1] },
  { field: 'presence_penalty', support: 'ignored', note: samplesByTemperature, neutral: [0] },
  { field: 'seed', support: 'ignored', note: 'the engine has one fixed seed' },
  { field: 'stop', support: 'honoured', note: 'up to four texts' },
  { field: 'stream', support: 'honoured', note: '' },
  { field: 'stream_options', support: 'honoured', note: '' },
  { field: 'stream_options.include_usage', support: 'honoured', note: '' },
  {
    field: 'stream_options.include_obfuscation',
    support: 'ignored',
    note: 'chunks are never padded: the stream is meant for this machine or for TLS in front of it',
    neutral: [false],
  },
  { field: 'suffix', support: 'refused', note: "GPT-OSS can't fill in the middle", neutral: [''] },
  { field: 'temperature', support: 'honoured', note: '0 to 2, 1 when absent' },
  { field: 'top_p', support: 'ignored', note: samplesByTemperature, neutral: [1] },
  { field: 'user', support: 'ignored', note: 'this gateway keeps no accounts and reports to nobody' },
];
