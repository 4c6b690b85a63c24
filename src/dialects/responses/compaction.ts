import type { MessageItem } from '../../core/turn.ts';
import type { InputItemWithCallId } from './call-ids.ts';
import type { InputItem } from './schema-input.ts';

/*
 * Compaction: the model sums a conversation up, and the summary, sealed, stands for everything that was done before it.
 * What people and programs have said, the messages that are not the model's own, stays beside it word by word.
 */

/** Asks the model for the summary; the last thing that is said to it in such a turn. */
export const compactionPrompt: MessageItem = {
  type: 'message',
  role: 'user',
  text: `Stop here and write a summary of this conversation for whoever goes on with it. They will see what the user has said and your summary, and nothing else: none of your answers, tool calls or tool outputs.

Write down, shortly but completely:
- what is asked for, and every constraint and preference that still holds
- what has been done and decided so far, and why
- facts, names, paths, numbers and results that are still needed, exactly as they are
- what is left to do, and what the next step is

Write only the summary. Do not call tools, and do not go on with the task itself.`,
};

/**
 * The summary as a later turn's model sees it. A user's message: what the model has made of a conversation must not speak
 * with the authority of instructions, whatever somebody has got it to write.
 */
export function compactedMessage(summary: string): MessageItem {
  return {
    type: 'message',
    role: 'user',
    text: `The conversation up to here has been shortened. This is a summary of what was done and found in it; go on from there.\n\n${summary}`,
  };
}

/** Whether this input asks for its own compaction. */
export function asksForCompaction(input: string | readonly InputItem[]): boolean {
  return typeof input !== 'string' && input.at(-1)?.type === 'compaction_trigger';
}

/**
 * Whether an item still belongs to the conversation although a compaction follows it: a message that is not the model's
 * own, or a call whose output has come since.
 */
export function outlivesCompaction(item: InputItem, answeredSince: ReadonlySet<string>): boolean {
  switch (item.type) {
    case undefined:
    case null:
    case 'message':
      return item.role !== 'assistant';
    case 'function_call':
    case 'custom_tool_call':
      return answeredSince.has(item.call_id);
    default:
      return item.type === 'additional_tools' || item.type === 'configuration_update';
  }
}

/** Ids of the calls whose outputs are among these items. */
export function answeredIn(items: readonly InputItemWithCallId[]): Set<string> {
  return new Set(
    items.flatMap((item) =>
      item.type === 'function_call_output' || item.type === 'custom_tool_call_output' ? [item.call_id] : [],
    ),
  );
}
