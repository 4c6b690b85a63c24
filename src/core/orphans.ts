import type { ToolOutputItem, TurnItem } from './turn.ts';

/** The first tool output that no earlier tool call asked for, with its index; null when all have their calls. */
export function findOrphanOutput(items: readonly TurnItem[]): { item: ToolOutputItem; index: number } | null {
  const called = new Set<string>();
  for (const [index, item] of items.entries()) {
    if (item.type === 'tool-call') called.add(item.callId);
    if (item.type === 'tool-output' && !called.has(item.callId)) return { item, index };
  }
  return null;
}
