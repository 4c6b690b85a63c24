import type { ToolOutputItem, TurnItem } from '../core/turn.ts';

/**
 * The items with every tool output right behind its call.
 *
 * GPT-OSS samples one call, sees its output and goes on, so calls and outputs alternate in what it was trained on;
 * clients that ran calls in parallel list all calls first. Outputs move within one stretch of the assistant's work
 * only: an output that came after a user, developer or final message stays behind that message, where it was news.
 */
export function withOutputsAtCalls(items: readonly TurnItem[]): TurnItem[] {
  const ordered: { item: TurnItem; outputs: ToolOutputItem[] }[] = [];
  const calls = new Map<string, { item: TurnItem; outputs: ToolOutputItem[] }>();
  for (const item of items) {
    const place = item.type === 'tool-output' ? calls.get(item.callId) : undefined;
    if (item.type === 'tool-output' && place !== undefined) {
      place.outputs.push(item);
      continue;
    }
    const entry = { item, outputs: [] };
    ordered.push(entry);
    if (item.type === 'tool-call') calls.set(item.callId, entry);
    if (item.type === 'message' && !(item.role === 'assistant' && item.phase !== 'final')) calls.clear();
  }
  const flat: TurnItem[] = [];
  for (const { item, outputs } of ordered) {
    flat.push(item);
    for (const output of outputs) flat.push(output);
  }
  return flat;
}
