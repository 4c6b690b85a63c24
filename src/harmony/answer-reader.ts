import type { EndReason } from '../core/event.ts';
import { wholeText } from '../core/growing-text.ts';
import type { Ids } from '../core/ids.ts';
import type { Tool, ToolReference } from '../core/turn.ts';
import { endBlock, openCall, openFinal, openPlain, writeBlock } from './answer-blocks.ts';
import type { Block, BlockEvent } from './answer-blocks.ts';
import { isToolRecipient } from './decoder-header.ts';
import type { Header } from './decoder-header.ts';
import type { DecoderEvent, MessageEnd } from './decoder.ts';
import { countRepair } from './repairs.ts';
import type { Repaired } from './repairs.ts';
import { isWhole, openInput } from './tool-input.ts';
import type { ToolNames } from './tool-names.ts';

export type AnswerReaderOptions = {
  readonly tools: ToolNames;
  /** Whether the model may call tools: the request declares some and its tool choice is not `none`. */
  readonly callsAllowed: boolean;
  /** Texts at which the final answer ends. */
  readonly stop: readonly string[];
  /** Calls get theirs. */
  readonly ids: Ids;
};

/**
 * Turns what an engine says into the blocks of a turn. A daemon that sends ids is decoded, and its events are for
 * `readDecoded`; one that sends texts is read by `readText` and `readCall`.
 *
 * What becomes of a message of the assistant:
 * - with a tool for a recipient, on whatever channel: a tool call, which ends the turn. A tool that the request did not
 *   declare, a built-in one such as `browser.search` too, is a function call under the name that was written: clients
 *   answer the model that there is no such tool, and it goes on. Where no call is allowed there is nobody to answer:
 *   what was written shows as reasoning, and the turn goes on for as long as the engine does.
 * - analysis: reasoning. Commentary: a text before the calls. Final: the answer, up to the first stop text.
 * - without a channel: the answer if it is the last that the model says, else reasoning. It is held back to its end.
 *
 * What the model writes in the role of a tool is dropped; when it begins to speak as the user the turn is over.
 *
 * Its repairs are those that are made here; the decoder counts its own.
 */
export type AnswerReader = AnswerReaderOptions &
  Repaired & {
    /** Why the turn is over; null while it goes on. Once it is over, nothing more comes of what is read. */
    done: EndReason | null;
    /** Ids of contents until now, by what became of them. Headers and stop tokens are in none. */
    readonly tokens: Record<TokenUse, number>;
    /** What has come of what is being read. */
    events: BlockEvent[];
    open: OpenMessage | null;
    /** The end of the stream cut a call. */
    cut: boolean;
  };

type TokenUse = 'reasoning' | 'commentary' | 'final' | 'toolInput';

type OpenMessage = {
  readonly block: Block;
  /** A call that is not allowed. */
  readonly unasked: boolean;
  /** Ids that have been counted. */
  tokens: number;
};

const contentTypes = ['json', 'code'];
const longestName = 64;

export function openAnswerReader({ tools, callsAllowed, stop, ids }: AnswerReaderOptions): AnswerReader {
  return {
    tools,
    callsAllowed,
    stop,
    ids,
    repairs: null,
    done: null,
    tokens: { reasoning: 0, commentary: 0, final: 0, toolInput: 0 },
    events: [],
    open: null,
    cut: false,
  };
}

export function readDecoded(reader: AnswerReader, decoded: readonly DecoderEvent[]): BlockEvent[] {
  for (const event of decoded) if (reader.done === null) take(reader, event);
  return takeEvents(reader);
}

/** Reads text of the final channel. */
export function readText(reader: AnswerReader, text: string): BlockEvent[] {
  if (reader.done !== null || text === '') return [];
  reader.open ??= messageOf(openFinal(reader, reader.stop));
  write(reader, text);
  return takeEvents(reader);
}

/** Reads a whole call. */
export function readCall(reader: AnswerReader, recipient: string, input: string): BlockEvent[] {
  if (reader.done !== null || !isToolRecipient(recipient)) return [];
  if (!reader.callsAllowed) {
    countRepair(reader, 'unasked-call');
    return [];
  }
  close(reader, 'end');
  reader.open = messageOf(beginCall(reader, recipient));
  write(reader, input);
  close(reader, 'call');
  return takeEvents(reader);
}

/**
 * The engine has ended, or isn't waited for: ends what is open, and says why the turn ended. `reason` is what the
 * engine's own end looks like. Call it once, after the decoder's own end has been read.
 */
export function finishReading(
  reader: AnswerReader,
  reason: 'stop' | 'length',
): { readonly events: BlockEvent[]; readonly reason: EndReason } {
  if (reader.done === null) close(reader, 'cut');
  reader.done ??= reader.cut && reason === 'stop' ? 'tool-calls' : reason;
  return { events: takeEvents(reader), reason: reader.done };
}

function take(reader: AnswerReader, event: DecoderEvent): void {
  switch (event.type) {
    case 'message-start':
      reader.open = openMessage(reader, event);
      return;
    case 'text-delta':
      count(reader, event.tokens);
      write(reader, event.text);
      return;
    case 'message-end':
      count(reader, event.tokens - (reader.open?.tokens ?? 0));
      close(reader, event.by);
      return;
  }
}

function takeEvents(reader: AnswerReader): BlockEvent[] {
  const { events } = reader;
  reader.events = [];
  return events;
}

function count({ open, tokens }: AnswerReader, more: number): void {
  if (open === null) return;
  open.tokens += more;
  tokens[useOf(open.block)] += more;
}

function useOf({ type }: Block): TokenUse {
  switch (type) {
    case 'reasoning':
    case 'held':
      return 'reasoning';
    case 'preamble':
      return 'commentary';
    case 'final':
      return 'final';
    case 'call':
      return 'toolInput';
  }
}

/** Writes to the open message, if there is one. A stop text ends it, and the turn. */
function write(reader: AnswerReader, text: string): void {
  if (reader.open === null || !writeBlock(reader, reader.open.block, text)) return;
  reader.done = 'stop-text';
  close(reader, 'end');
}

function messageOf(block: Block, unasked = false): OpenMessage {
  return { block, unasked, tokens: 0 };
}

function openMessage(reader: AnswerReader, header: Header): OpenMessage | null {
  if (header.role !== 'assistant') {
    countRepair(reader, 'foreign-role');
    if (header.role !== 'tool') reader.done = 'stop';
    return null;
  }
  if (isToolRecipient(header.recipient)) {
    if (header.channel !== 'commentary') countRepair(reader, 'misplaced-call');
    if (reader.callsAllowed) return messageOf(beginCall(reader, header.recipient));
    countRepair(reader, 'unasked-call');
    return messageOf(openPlain('reasoning'), true);
  }
  switch (header.channel) {
    case 'analysis':
      return messageOf(openPlain('reasoning'));
    case 'commentary':
      return messageOf(openPlain('preamble'));
    case 'final':
      return messageOf(openFinal(reader, reader.stop));
    case null:
      return messageOf(openPlain('held'));
  }
}

function beginCall(reader: AnswerReader, recipient: string): Block {
  const tool = declaredTool(reader, recipient);
  if (tool === null) countRepair(reader, 'undeclared-tool');
  return openCall(reader, {
    callId: reader.ids.next('call'),
    tool: tool === null ? undeclaredTool(recipient) : referenceOf(tool),
    // Of a tool that nobody declared all is passed on: python's content is code, and a brace in it begins no arguments.
    input: openInput(tool === null ? 'raw' : tool.type),
  });
}

function close(reader: AnswerReader, by: MessageEnd): void {
  const message = reader.open;
  reader.open = null;
  if (message !== null) settle(reader, message, by);
  if (reader.done !== null) return;
  // An engine that appends the tool's output by itself goes on after a call that nobody asked for.
  if (by === 'return' || (by === 'call' && message?.unasked !== true)) reader.done = 'stop';
}

/** Ends a message, and draws what follows from its end. */
function settle(reader: AnswerReader, { block, tokens }: OpenMessage, by: MessageEnd): void {
  endBlock(reader, block);
  if (block.type === 'call') {
    if (by !== 'cut' || isWhole(block.input)) reader.done = 'tool-calls';
    else reader.cut = true;
  } else if (block.type === 'held') {
    settleHeld(reader, wholeText(block.text), tokens, by);
  }
}

function settleHeld(reader: AnswerReader, text: string, tokens: number, by: MessageEnd): void {
  const answers = by === 'return' || by === 'call' || by === 'cut';
  if (answers) {
    reader.tokens.reasoning -= tokens;
    reader.tokens.final += tokens;
  }
  const block = answers ? openFinal(reader, reader.stop) : openPlain('reasoning');
  if (writeBlock(reader, block, text)) reader.done = 'stop-text';
  endBlock(reader, block);
}

function declaredTool(reader: AnswerReader, recipient: string): Tool | null {
  const { tools } = reader;
  const tool = tools.toolOf(recipient);
  if (tool !== null) return tool;
  for (const type of contentTypes) {
    const shorter = recipient.endsWith(type) ? tools.toolOf(recipient.slice(0, -type.length)) : null;
    if (shorter === null) continue;
    countRepair(reader, 'glued-content-type');
    return shorter;
  }
  return null;
}

function undeclaredTool(recipient: string): ToolReference {
  const name = recipient.replace(/^(?:functions\.)+/u, '').replace(/[^\w.-]/gu, '_');
  return { type: 'function', name: name.slice(0, longestName) || 'unnamed', namespace: null };
}

function referenceOf({ type, name, namespace }: Tool): ToolReference {
  return { type, name, namespace };
}
