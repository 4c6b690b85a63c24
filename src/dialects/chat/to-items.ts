import { GatewayError } from '../../core/errors.ts';
import { findOrphanOutput } from '../../core/orphans.ts';
import type { ToolCallItem, TurnItem } from '../../core/turn.ts';
import { omittedText } from '../omitted.ts';
import type { AssistantMessage, Message, Part } from './message-schema.ts';

/**
 * The conversation of a request.
 *
 * @throws GatewayError `tool_call_not_found` for an output whose call is not in an earlier message.
 */
export function toItems(messages: readonly Message[]): TurnItem[] {
  const items: TurnItem[] = [];
  /** For each item, the message it came from. */
  const origins: number[] = [];
  const legacyCalls = new Map<string, string>();
  for (const [index, message] of messages.entries()) {
    items.push(...itemsOf(message, index, legacyCalls));
    while (origins.length < items.length) origins.push(index);
  }
  const orphan = findOrphanOutput(items);
  if (orphan !== null) throw orphanError(messages, origins[orphan.index]!, orphan.item.callId);
  return items;
}

function itemsOf(message: Message, index: number, legacyCalls: Map<string, string>): TurnItem[] {
  switch (message.role) {
    case 'developer':
    case 'system':
    case 'user':
      return [{ type: 'message', role: message.role, text: textOf(message.content) }];
    case 'assistant': {
      const items = assistantItems(message);
      if (message.function_call !== undefined) {
        const callId = legacyCallId(index);
        legacyCalls.set(message.function_call.name, callId);
        items.push(functionCallItem(callId, message.function_call));
      }
      return items;
    }
    case 'tool':
      return [{ type: 'tool-output', callId: message.tool_call_id, text: textOf(message.content) }];
    case 'function': {
      const callId = legacyCalls.get(message.name) ?? legacyCallId(index);
      return [{ type: 'tool-output', callId, text: textOf(message.content ?? []) }];
    }
  }
}

/** In the order in which the model said it: reasoning, text, calls. A message with nothing in it makes no item. */
function assistantItems(message: AssistantMessage): TurnItem[] {
  const items: TurnItem[] = [];
  const calls = (message.tool_calls ?? []).map(callItem);
  const reasoning = message.reasoning_content ?? message.reasoning ?? '';
  if (reasoning !== '') items.push({ type: 'reasoning', text: reasoning });
  const audio = message.audio === undefined ? '' : omittedText('audio');
  const text = textOf(message.content ?? []) + (message.refusal ?? '') + audio;
  const callsFollow = calls.length > 0 || message.function_call !== undefined;
  if (text !== '') {
    items.push({ type: 'message', role: 'assistant', text, phase: callsFollow ? 'commentary' : 'final' });
  }
  return [...items, ...calls];
}

function callItem(call: NonNullable<AssistantMessage['tool_calls']>[number]): ToolCallItem {
  switch (call.type) {
    case 'function':
      return functionCallItem(call.id, call.function);
    case 'custom':
      return {
        type: 'tool-call',
        callId: call.id,
        tool: { type: 'custom', name: call.custom.name, namespace: null },
        input: call.custom.input,
      };
  }
}

function functionCallItem(callId: string, call: { name: string; arguments: string }): ToolCallItem {
  return {
    type: 'tool-call',
    callId,
    tool: { type: 'function', name: call.name, namespace: null },
    input: call.arguments,
  };
}

/**
 * The id of a call that has none on the wire. The same message gets the same id in every turn, and a `function` message
 * that answers nothing gets one that no call has.
 */
function legacyCallId(messageIndex: number): string {
  return `function_call_${messageIndex}`;
}

/** Parts are joined as Harmony joins the contents of a message: with nothing between them. */
function textOf(parts: readonly Part[]): string {
  return parts.map(partText).join('');
}

function partText(part: Part): string {
  switch (part.type) {
    case 'text':
      return part.text;
    case 'refusal':
      return part.refusal;
    case 'image_url':
      return omittedText('image');
    case 'input_audio':
      return omittedText('audio');
    case 'file':
      return omittedText('file');
  }
}

/** What the log should say of names that are lost on the model: a sentence, if anything. */
export function lostNames(messages: readonly Message[]): string[] {
  const hasLost = (message: Message) =>
    message.role !== 'tool' && message.role !== 'function' && message.name !== undefined;
  const first = messages.findIndex(hasLost);
  if (first === -1) return [];
  const others = messages.filter(hasLost).length - 1;
  const more = others > 0 ? ` (and ${others} more)` : '';
  return [`messages[${first}].name${more} has no effect: Harmony has no names for authors other than tools`];
}

function orphanError(messages: readonly Message[], index: number, callId: string): GatewayError {
  const message = messages[index]!;
  return message.role === 'function'
    ? new GatewayError('tool_call_not_found', `No earlier message calls the function '${message.name}'.`, {
        param: `messages[${index}].name`,
      })
    : new GatewayError('tool_call_not_found', `No earlier message has a tool call with the id '${callId}'.`, {
        param: `messages[${index}].tool_call_id`,
      });
}
