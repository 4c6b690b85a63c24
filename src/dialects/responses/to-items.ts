import { GatewayError } from '../../core/errors.ts';
import { findOrphanOutput } from '../../core/orphans.ts';
import type { MessageItem, TurnItem } from '../../core/turn.ts';
import { omittedNote, omittedText, refusedAttachment } from '../omitted.ts';
import type { Attachments, OmittedKind } from '../omitted.ts';
import { answeredIn, asksForCompaction, compactedMessage, compactionPrompt, outlivesCompaction } from './compaction.ts';
import { withCallIds } from './call-ids.ts';
import type { InputItemWithCallId } from './call-ids.ts';
import type { Content, InputItem, InputMessage, InputReasoning, Part } from './schema-input.ts';
import type { ResponsesRequest } from './schema.ts';
import type { SealedKind, Seals } from './seals.ts';

/**
 * The conversation of a request: its instructions, then its input.
 *
 * @param warn is told what was left out.
 * @throws GatewayError `tool_call_not_found` for an output whose call doesn't come before it, `not_found` for a
 *   reference to an item that isn't stored, `unsupported_value` for one where nothing is, `invalid_encrypted_content`
 *   for what was sealed here and has been changed.
 */
export function toItems(request: ResponsesRequest, warn: (warning: string) => void, reading: Reading): TurnItem[] {
  const items: TurnItem[] = [];
  if (request.instructions !== undefined && request.instructions !== '') {
    items.push({ type: 'message', role: 'developer', text: request.instructions });
  }
  if (typeof request.input === 'string') {
    items.push({ type: 'message', role: 'user', text: request.input });
    return items;
  }
  const pathOf = (index: number) => itemPath(index, reading.earlier);
  const input = withCallIds(request.input, (index) => unansweredNone(pathOf(index)));
  const context: Context = { ...reading, warn, skippedCalls: new Set() };
  const compacted = input.findLastIndex((item) => isReadableCompaction(item, reading.seals));
  const answeredSince = compacted === -1 ? new Set<string>() : answeredIn(input.slice(compacted));
  /** For each item, the input item that it came from. */
  const origins: number[] = items.map(() => -1);
  for (const [index, given] of input.entries()) {
    if (index < compacted && !outlivesCompaction(given, answeredSince)) continue;
    if (given.type === 'compaction_trigger' && index < input.length - 1) throw misplacedTrigger(pathOf(index));
    const item = itemOf(given, pathOf(index), context);
    if (item === null) continue;
    items.push(item);
    origins.push(index);
  }
  const orphan = findOrphanOutput(items);
  if (orphan !== null) {
    throw new GatewayError(
      'tool_call_not_found',
      `No tool call found for the output with call_id '${orphan.item.callId}': the call must come before it.`,
      { param: `${pathOf(origins[orphan.index]!)}.call_id` },
    );
  }
  if (asksForCompaction(input)) items.push(compactionPrompt);
  return items;
}

/** What of an input was said in earlier turns: how many items, and the request's field that they come from. */
export type Earlier = { readonly count: number; readonly field: 'previous_response_id' | 'conversation' };

/** Where an item stands, for whoever has sent the request: what was said earlier belongs to the field that names it. */
export function itemPath(index: number, { count, field }: Earlier): string {
  return index < count ? `${field}[${index}]` : `input[${index - count}]`;
}

/** How a request's input is to be read. */
export type Reading = {
  readonly earlier: Earlier;
  /** There is a store that has been asked for the items that the input refers to. */
  readonly isStoring: boolean;
  readonly attachments: Attachments;
  readonly seals: Seals;
};

type Context = Reading & {
  readonly warn: (warning: string) => void;
  /** Ids of calls that were left out, so that their outputs are too. */
  readonly skippedCalls: Set<string>;
};

/** null: the item is no part of the conversation as the model sees it. */
function itemOf(item: InputItemWithCallId, path: string, context: Context): TurnItem | null {
  switch (item.type) {
    case undefined:
    case null:
    case 'message':
      return messageItem(item, path, context);
    case 'reasoning':
      return reasoningItem(item, path, context);
    case 'function_call':
      return {
        type: 'tool-call',
        callId: item.call_id,
        tool: { type: 'function', name: item.name, namespace: item.namespace ?? null },
        input: item.arguments,
      };
    case 'custom_tool_call':
      return {
        type: 'tool-call',
        callId: item.call_id,
        tool: { type: 'custom', name: item.name, namespace: item.namespace ?? null },
        input: item.input,
      };
    case 'function_call_output':
    case 'custom_tool_call_output':
      if (context.skippedCalls.has(item.call_id)) {
        context.warn(`${path} is left out: so is the call that it answers`);
        return null;
      }
      return { type: 'tool-output', callId: item.call_id, text: textOf(item.output, `${path}.output`, context) };
    // Read by to-tools.ts and to-turn.ts; they add no words to the conversation.
    case 'additional_tools':
    case 'tool_search_output':
    case 'configuration_update':
      return null;
    case 'item_reference':
      if (context.isStoring)
        throw new GatewayError('not_found', `Item with id '${item.id}' not found.`, { param: path });
      throw new GatewayError(
        'unsupported_value',
        `'${path}' refers to an item of a stored response, and responses are not kept here; send the item itself.`,
        { param: path },
      );
    case 'compaction_trigger':
      return null;
    case 'compaction':
    case 'compaction_summary': {
      const summary = unsealed('compaction', item.encrypted_content, path, context);
      if (summary !== null) return compactedMessage(summary);
      context.warn(`${path} is left out: what it holds can only be read where it was compacted`);
      return null;
    }
    case 'tool_search_call':
    case 'web_search_call':
    case 'file_search_call':
    case 'computer_call':
    case 'computer_call_output':
    case 'image_generation_call':
    case 'code_interpreter_call':
    case 'local_shell_call':
    case 'local_shell_call_output':
    case 'shell_call':
    case 'shell_call_output':
    case 'apply_patch_call':
    case 'apply_patch_call_output':
    case 'mcp_list_tools':
    case 'mcp_approval_request':
    case 'mcp_approval_response':
    case 'mcp_call':
    case 'program':
    case 'program_output':
      if (typeof item.call_id === 'string') context.skippedCalls.add(item.call_id);
      context.warn(`${path} is left out: the model has no tool of the kind of '${item.type}'`);
      return null;
  }
}

function messageItem(message: InputMessage, path: string, context: Context): MessageItem {
  const text = textOf(message.content, `${path}.content`, context);
  const { role, phase } = message;
  if (phase === 'commentary') return { type: 'message', role, text, phase };
  if (phase === 'final_answer') return { type: 'message', role, text, phase: 'final' };
  return { type: 'message', role, text };
}

/**
 * What was sealed here is what the model thought; else the reasoning as it is written in the item, else its summary: the
 * best that is known.
 */
function reasoningItem(item: InputReasoning, path: string, context: Context): TurnItem | null {
  const { encrypted_content: sealed } = item;
  const known = typeof sealed === 'string' && sealed !== '' ? unsealed('reasoning', sealed, path, context) : null;
  if (known !== null) return known === '' ? null : { type: 'reasoning', text: known };
  const content = (item.content ?? []).map(({ text }) => text).join('');
  const text = content !== '' ? content : (item.summary ?? []).map((part) => part.text).join('\n\n');
  if (text !== '') return { type: 'reasoning', text };
  if (typeof sealed === 'string')
    context.warn(`${path} is left out: its reasoning can only be read where it was sealed`);
  return null;
}

/**
 * null: sealed elsewhere. A client that has changed servers in the middle of a conversation can't take that back, so it
 * is no error.
 */
function unsealed(kind: SealedKind, sealed: string, path: string, { seals }: Context): string | null {
  const opened = seals.open(kind, sealed);
  switch (opened.type) {
    case 'text':
      return opened.text;
    case 'foreign':
      return null;
    case 'altered':
      throw new GatewayError(
        'invalid_encrypted_content',
        `The encrypted content in '${path}' could not be verified: it must come back exactly as it was sent.`,
        { param: `${path}.encrypted_content` },
      );
  }
}

/** What was compacted here, and stands for what came before it. */
export function isReadableCompaction(item: InputItem, seals: Seals): boolean {
  if (item.type !== 'compaction' && item.type !== 'compaction_summary') return false;
  return seals.open('compaction', item.encrypted_content).type === 'text';
}

function unansweredNone(path: string): GatewayError {
  return new GatewayError(
    'tool_call_not_found',
    `'${path}' has no call_id, and no call without an output comes before it.`,
    { param: `${path}.call_id` },
  );
}

function misplacedTrigger(path: string): GatewayError {
  return new GatewayError('invalid_value', `'${path}' asks for compaction, which only the last item of 'input' can.`, {
    param: path,
  });
}

/** Parts are joined as Harmony joins the contents of a message: with nothing between them. */
function textOf(content: Content, path: string, context: Context): string {
  if (typeof content === 'string') return content;
  let text = '';
  for (const [index, part] of content.entries()) {
    text += partText(part, `${path}[${index}]`, context);
  }
  return text;
}

function partText(part: Part, path: string, context: Context): string {
  switch (part.type) {
    case 'input_text':
    case 'output_text':
      return part.text;
    case 'refusal':
      return part.refusal;
    case 'input_image':
      return omitted('image', path, context);
    case 'input_file':
      return omitted('file', path, context);
    case 'input_audio':
      return omitted('audio', path, context);
  }
}

function omitted(kind: OmittedKind, path: string, { attachments, warn }: Context): string {
  if (attachments === 'refuse') throw refusedAttachment(kind, path);
  warn(`${path} is left out: ${omittedNote}`);
  return omittedText(kind);
}
