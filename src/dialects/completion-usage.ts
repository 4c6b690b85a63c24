import { addUsage } from '../core/event.ts';
import type { Usage } from '../core/event.ts';

/** The usage of several answers to one prompt, which is counted once, in the first. */
export function addAnswerUsage(total: Usage | null, next: Usage): Usage {
  return total === null ? next : addUsage(total, { ...next, inputTokens: 0, cachedTokens: 0 });
}

/** `CompletionUsage` of OpenAI's SDK with every detail in it; what a text-only engine can't have is 0. */
export function completionUsage(usage: Usage) {
  return {
    prompt_tokens: usage.inputTokens,
    completion_tokens: usage.outputTokens,
    total_tokens: usage.inputTokens + usage.outputTokens,
    prompt_tokens_details: {
      cached_tokens: usage.cachedTokens,
      // A count for bills; keeping the prompt costs nothing here.
      cache_write_tokens: 0,
      text_tokens: usage.inputTokens,
      audio_tokens: 0,
      image_tokens: 0,
    },
    completion_tokens_details: {
      reasoning_tokens: usage.reasoningTokens,
      text_tokens: usage.outputTokens - usage.reasoningTokens,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}
