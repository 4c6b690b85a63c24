import type { AnswerFormat } from '../core/turn.ts';
import { jsonText } from './json-text.ts';
import { comments } from './sections.ts';

/**
 * The section that ends a developer message when the answer has a form, as OpenAI's guide to Harmony shows it; null:
 * the answer is free. The model is asked and not held to it.
 */
export function responseFormatText(format: AnswerFormat): string | null {
  switch (format.type) {
    case 'text':
      return null;
    case 'json-object':
      return '# Response Formats\n\nThe final answer is one JSON object and nothing else: no text around it, no code fence.';
    case 'json-schema': {
      const lines = [`# Response Formats\n\n## ${format.name}\n`, ...comments(format.description ?? '')];
      return [...lines, jsonText(format.schema)].join('\n');
    }
  }
}
