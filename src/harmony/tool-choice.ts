import type { ToolChoice, ToolReference } from '../core/turn.ts';
import type { ToolNames } from './tool-names.ts';

/**
 * What a restricting tool choice is to the model, in words; null: it is free to choose, or has no tools.
 *
 * It stands in a developer message at the very end: a choice changes from turn to turn, and what stood before it, the
 * tools above all, keeps its place in the engine's cache. It asks; it can't force.
 */
export function toolChoiceText(choice: ToolChoice, names: ToolNames): string | null {
  switch (choice.type) {
    case 'none':
    case 'auto':
      return null;
    case 'required':
      return 'Your next message must be a function call. Do not answer before you have called a function.';
    case 'named':
      return `Your next message must be a call of ${names.recipientOf(choice.tool)}. Do not answer before you have called it.`;
    case 'allowed':
      return allowedText(choice.tools, choice.mode === 'required', names);
  }
}

function allowedText(tools: readonly ToolReference[], required: boolean, names: ToolNames): string {
  if (tools.length === 0) return 'No function may be called now. Answer without calling one.';
  const list = tools.map((tool) => names.recipientOf(tool)).join(', ');
  const allowed = `Only these functions may be called now: ${list}.`;
  return required ? `${allowed} Your next message must be a call of one of them.` : allowed;
}
