import { GatewayError } from '../../core/errors.ts';
import type { Turn } from '../../core/turn.ts';
import { mostAnswers } from '../answers.ts';
import type { Prompt } from './prompts.ts';
import type { CompletionRequest } from './schema.ts';

/** OpenAI's own for this API. A text has no end by itself as an answer has one. */
const defaultMaxTokens = 16;

/** `<|endoftext|>`, which texts were parted by in training: behind it anything may begin. */
const betweenTexts = 199_999;

/** A turn that goes on with the prompt as it stands, with nothing of Harmony around it. */
export function toTurn(request: CompletionRequest, prompt: Prompt): Turn {
  return {
    model: request.model,
    items: [],
    raw: prompt === '' ? [betweenTexts] : prompt,
    tools: [],
    toolChoice: { type: 'none' },
    parallelToolCalls: false,
    effort: 'none',
    format: { type: 'text' },
    maxOutputTokens: request.max_tokens ?? defaultMaxTokens,
    temperature: request.temperature ?? 1,
    stop: request.stop,
    conversationKey: null,
    fields: { conversation: 'prompt' },
  };
}

/**
 * How many answers each prompt is to have.
 *
 * @throws GatewayError for more than may be asked for, and for answers to choose from.
 */
export function answersPerPrompt(request: CompletionRequest, prompts: readonly Prompt[]): number {
  const { n = 1, best_of: bestOf = n } = request;
  if (bestOf < n) {
    throw new GatewayError('invalid_value', "Invalid value for 'best_of': expected no less than 'n'.", {
      param: 'best_of',
    });
  }
  if (bestOf > n) {
    throw new GatewayError(
      'unsupported_value',
      "Unsupported value: 'best_of' can only be as much as 'n' here: the engine reports no probabilities to choose by.",
      { param: 'best_of' },
    );
  }
  if (n * prompts.length > mostAnswers) {
    throw new GatewayError(
      'invalid_value',
      `Invalid value for 'prompt': ${prompts.length} prompts with 'n' ${n} want more than ${mostAnswers} answers.`,
      { param: 'prompt' },
    );
  }
  return n;
}
