import type { MessageItem, ToolCallItem, TurnItem } from '../core/turn.ts';
import type { HarmonyContent, HarmonyMessage } from './message.ts';
import type { ToolNames } from './tool-names.ts';
import { withOutputsAtCalls } from './tool-order.ts';

/**
 * The messages of what was said before, in order, texts and arguments byte for byte.
 *
 * - System and developer messages stand where they were said, as developer messages.
 * - Thoughts before the first final answer are left out once there is one. The reference drops just those, but shows
 *   them again while a later tool call is open; they stay out here, or the engine would have to read everything behind
 *   them twice in every turn with tools.
 * - A custom tool's input is the argument `input` of its function.
 * - Empty messages are left out, except a user's.
 */
export function historyMessages(items: readonly TurnItem[], names: ToolNames): HarmonyMessage[] {
  const ordered = withOutputsAtCalls(items);
  const firstFinal = ordered.findIndex(
    (item, index) => item.type === 'message' && channelOf(item, ordered, index) === 'final',
  );
  const calls = new Map<string, ToolCallItem>();
  const messages: HarmonyMessage[] = [];
  for (const [index, item] of ordered.entries()) {
    switch (item.type) {
      case 'message':
        if (item.role === 'user') messages.push(message('user', texts(item.text)));
        else if (item.text === '') break;
        else if (item.role === 'assistant')
          messages.push({ ...message('assistant', texts(item.text)), channel: channelOf(item, ordered, index) });
        else messages.push(message('developer', instructed(item.text)));
        break;
      case 'reasoning':
        if (item.text !== '' && index > firstFinal)
          messages.push({ ...message('assistant', texts(item.text)), channel: 'analysis' });
        break;
      case 'tool-call':
        calls.set(item.callId, item);
        messages.push({
          ...message(
            'assistant',
            texts(item.tool.type === 'custom' ? JSON.stringify({ input: item.input }) : item.input),
          ),
          recipient: names.recipientOf(item.tool),
          channel: 'commentary',
          contentType: '<|constrain|>json',
        });
        break;
      case 'tool-output': {
        const call = calls.get(item.callId);
        messages.push({
          ...message('tool', texts(item.text)),
          name: call === undefined ? 'functions.unknown' : names.recipientOf(call.tool),
          recipient: 'assistant',
          channel: 'commentary',
        });
        break;
      }
    }
  }
  return messages;
}

/** The channel of an assistant's message: what it says right before a tool call is commentary, unless told otherwise. */
function channelOf(item: MessageItem, items: readonly TurnItem[], index: number): 'commentary' | 'final' | null {
  if (item.role !== 'assistant' || item.text === '') return null;
  if (item.phase !== undefined) return item.phase;
  let next = index + 1;
  while (items[next]?.type === 'reasoning') next += 1;
  return items[next]?.type === 'tool-call' ? 'commentary' : 'final';
}

/** Content of a developer message that says this. */
export function instructed(text: string): HarmonyContent[] {
  return [{ type: 'developer', developer: { instructions: text, tools: [] } }];
}

function texts(text: string): HarmonyContent[] {
  return [{ type: 'text', text }];
}

export function message(role: HarmonyMessage['role'], content: readonly HarmonyContent[]): HarmonyMessage {
  return { role, name: null, recipient: null, channel: null, contentType: null, content };
}
