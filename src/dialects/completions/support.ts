import { severalAnswersNote } from '../answers.ts';
import { streamOptionFields } from '../stream-options.ts';
import type { FieldRule } from '../support.ts';

const samplesByTemperature = 'the engine samples by temperature alone';

/** Every field of a legacy Completions request (`CompletionCreateParams` of OpenAI's SDK). */
export const completionFields: readonly FieldRule[] = [
  { field: 'model', support: 'honoured', note: 'a configured model or alias' },
  {
    field: 'prompt',
    support: 'honoured',
    note: 'a text, token ids, or a list of either; the engine gets it as it is, without a word of Harmony around it. Control tokens can be given by their ids alone; without a prompt, or behind an empty text, a new text begins (`<|endoftext|>`)',
  },
  {
    field: 'best_of',
    support: 'honoured',
    note: 'as many as `n`; with more, there would be no probabilities to choose by',
  },
  { field: 'echo', support: 'honoured', note: 'token ids as the text they stand for, control tokens by name' },
  { field: 'frequency_penalty', support: 'ignored', note: samplesByTemperature, neutral: [0] },
  {
    field: 'logit_bias',
    support: 'refused',
    note: "the engine can't bias tokens, and the answer could be one that the bias forbids",
  },
  { field: 'logprobs', support: 'refused', note: 'the engine reports no probabilities' },
  { field: 'max_tokens', support: 'honoured', note: '16 when absent' },
  { field: 'n', support: 'honoured', note: `${severalAnswersNote}; times the prompts, no more than that` },
  { field: 'presence_penalty', support: 'ignored', note: samplesByTemperature, neutral: [0] },
  { field: 'seed', support: 'ignored', note: 'the engine has one fixed seed' },
  { field: 'stop', support: 'honoured', note: 'up to four texts' },
  { field: 'stream', support: 'honoured', note: '' },
  ...streamOptionFields,
  { field: 'suffix', support: 'refused', note: "GPT-OSS can't fill in the middle", neutral: [''] },
  { field: 'temperature', support: 'honoured', note: '0 to 2, 1 when absent' },
  { field: 'top_p', support: 'ignored', note: samplesByTemperature, neutral: [1] },
  { field: 'user', support: 'ignored', note: 'this gateway keeps no accounts and reports to nobody' },
];
