import { GatewayError } from '../../core/errors.ts';
import type { Turn } from '../../core/turn.ts';
import type { CompletionRequest } from './schema.ts';

/** A turn of one user message, answered at once: legacy clients have no place for reasoning, and few tokens for it. */
export function toTurn(request: CompletionRequest, prompt: string): Turn {
  return {
    model: request.model,
    items: [{ type: 'message', role: 'user', text: prompt }],
    tools: [],
    toolChoice: { type: 'none' },
    parallelToolCalls: false,
    effort: 'none',
    format: { type: 'text' },
    maxOutputTokens: request.max_tokens ?? null,
    temperature: request.temperature ?? 1,
    // An empty text would be met before the first letter.
    stop: (request.stop ?? []).filter((text) => text !== ''),
    conversationKey: null,
  };
}

/** @throws GatewayError for several prompts, and for token ids: they are of some other model's vocabulary. */
export function onePrompt(prompt: CompletionRequest['prompt']): string {
  if (typeof prompt === 'string') return prompt;
  const [first] = prompt;
  if (typeof first !== 'string') {
    throw new GatewayError('unsupported_value', "Unsupported value: 'prompt' must be text here, not token ids.", {
      param: 'prompt',
    });
  }
  if (prompt.length > 1) {
    throw new GatewayError('unsupported_value', "Unsupported value: 'prompt' can only be one text here.", {
      param: 'prompt',
    });
  }
  return first;
}
