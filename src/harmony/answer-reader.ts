import type { EndReason } from '../core/event.ts';
import type { Tool, ToolReference } from '../core/turn.ts';
import {
  createCallBlock,
  createFinalBlock,
  createHeldBlock,
  createPreambleBlock,
  createReasoningBlock,
} from './answer-blocks.ts';
import type { Block, BlockEvent } from './answer-blocks.ts';
import { isToolRecipient } from './decoder-header.ts';
import type { Header } from './decoder-header.ts';
import type { DecoderEvent, MessageEnd } from './decoder.ts';
import { createRepairCounter } from './repairs.ts';
import type { RepairCounter, RepairCounts } from './repairs.ts';
import { createStopScanner } from './stop-scanner.ts';
import { createCustomInput, createFunctionInput, createRawInput } from './tool-input.ts';
import type { ToolInput } from './tool-input.ts';
import type { ToolNames } from './tool-names.ts';

export type AnswerReaderOptions = {
  readonly tools: ToolNames;
  /** Whether the model may call tools: the request declares some and its tool choice is not `none`. */
  readonly callsAllowed: boolean;
  /** Texts at which the final answer ends. */
  readonly stop: readonly string[];
  readonly newCallId: () => string;
};

/**
 * Turns what an engine says into the blocks of a turn. A daemon that sends ids is decoded, and its events go to `push`;
 * one that sends texts is read by `pushText` and `pushCall`.
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
 */
export type AnswerReader = {
  push(events: readonly DecoderEvent[]): BlockEvent[];
  /** Text of the final channel. */
  pushText(text: string): BlockEvent[];
  /** A whole call. */
  pushCall(recipient: string, input: string): BlockEvent[];
  /**
   * The engine has ended, or isn't waited for: ends what is open, and says why the turn ended. `reason` is what the
   * engine's own end looks like. Call it once, after the decoder's own end has been pushed.
   */
  finish(reason: 'stop' | 'length'): { readonly events: BlockEvent[]; readonly reason: EndReason };
  /** Why the turn is over; null while it goes on. Once it is over, nothing more comes of what is pushed. */
  done(): EndReason | null;
  /** Ids of contents until now, by what became of them. Headers and stop tokens are in none. */
  readonly tokens: Readonly<Record<TokenUse, number>>;
  /** What had to be repaired here; the decoder counts its own. */
  repairs(): RepairCounts;
};

type TokenUse = 'reasoning' | 'commentary' | 'final' | 'toolInput';

type OpenMessage = {
  readonly block: Block;
  readonly use: TokenUse;
  /** A call that is not allowed. */
  readonly unasked?: true;
  /** Ids that have been counted. */
  tokens: number;
  /** What follows from its end, once the block is ended. */
  readonly onEnd: (by: MessageEnd) => void;
};

const contentTypes = ['json', 'code'];
const longestName = 64;

export function createAnswerReader({ tools, callsAllowed, stop, newCallId }: AnswerReaderOptions): AnswerReader {
  const repairs = createRepairCounter();
  const tokens = { reasoning: 0, commentary: 0, final: 0, toolInput: 0 };
  let events: BlockEvent[] = [];
  let open: OpenMessage | null = null;
  let done: EndReason | null = null;
  /** A call that the end of the stream cut. */
  let cut = false;

  const emit = (event: BlockEvent) => void events.push(event);

  function take(event: DecoderEvent): void {
    switch (event.type) {
      case 'message-start':
        open = openMessage(event);
        return;
      case 'text-delta':
        count(event.tokens);
        open?.block.push(event.text);
        if (done !== null) close('end');
        return;
      case 'message-end':
        count(event.tokens - (open?.tokens ?? 0));
        close(event.by);
        return;
    }
  }

  function count(more: number): void {
    if (open === null) return;
    open.tokens += more;
    tokens[open.use] += more;
  }

  function close(by: MessageEnd): void {
    const message = open;
    open = null;
    message?.block.end();
    message?.onEnd(by);
    // An engine that appends the tool's output by itself goes on after a call that nobody asked for.
    if (done === null && (by === 'return' || (by === 'call' && message?.unasked !== true))) done = 'stop';
  }

  function openMessage(header: Header): OpenMessage | null {
    if (header.role !== 'assistant') {
      repairs.add('foreign-role');
      if (header.role !== 'tool') done = 'stop';
      return null;
    }
    if (isToolRecipient(header.recipient)) {
      if (header.channel !== 'commentary') repairs.add('misplaced-call');
      if (callsAllowed) return openCall(header.recipient);
      repairs.add('unasked-call');
      return { block: createReasoningBlock(emit), use: 'reasoning', unasked: true, tokens: 0, onEnd: nothing };
    }
    switch (header.channel) {
      case 'analysis':
        return { block: createReasoningBlock(emit), use: 'reasoning', tokens: 0, onEnd: nothing };
      case 'commentary':
        return { block: createPreambleBlock(emit), use: 'commentary', tokens: 0, onEnd: nothing };
      case 'final':
        return { block: openFinal(), use: 'final', tokens: 0, onEnd: nothing };
      case null:
        return openUnknown();
    }
  }

  function openFinal(): Block {
    return createFinalBlock(emit, createStopScanner(stop), () => (done = 'stop-text'));
  }

  function openUnknown(): OpenMessage {
    const held = createHeldBlock();
    const message: OpenMessage = { block: held, use: 'reasoning', tokens: 0, onEnd };
    return message;

    function onEnd(by: MessageEnd): void {
      const answers = by === 'return' || by === 'call' || by === 'cut';
      if (answers) {
        tokens.reasoning -= message.tokens;
        tokens.final += message.tokens;
      }
      const block = answers ? openFinal() : createReasoningBlock(emit);
      block.push(held.text());
      block.end();
    }
  }

  function openCall(recipient: string): OpenMessage {
    const tool = declaredTool(recipient, tools, repairs);
    if (tool === null) repairs.add('undeclared-tool');
    const input = inputOf(tool, repairs);
    const reference = tool === null ? undeclaredTool(recipient) : referenceOf(tool);
    const block = createCallBlock(emit, { callId: newCallId(), tool: reference, input });
    return {
      block,
      use: 'toolInput',
      tokens: 0,
      onEnd(by) {
        if (by !== 'cut' || input.complete) done = 'tool-calls';
        else cut = true;
      },
    };
  }

  function takeEvents(): BlockEvent[] {
    const taken = events;
    events = [];
    return taken;
  }

  return {
    push(decoded) {
      for (const event of decoded) if (done === null) take(event);
      return takeEvents();
    },
    pushText(text) {
      if (done !== null || text === '') return [];
      open ??= { block: openFinal(), use: 'final', tokens: 0, onEnd: nothing };
      open.block.push(text);
      if (done !== null) close('end');
      return takeEvents();
    },
    pushCall(recipient, input) {
      if (done !== null || !isToolRecipient(recipient)) return [];
      if (!callsAllowed) {
        repairs.add('unasked-call');
        return [];
      }
      close('end');
      open = openCall(recipient);
      open.block.push(input);
      close('call');
      return takeEvents();
    },
    finish(reason) {
      if (done === null) close('cut');
      const why = done ?? (cut && reason === 'stop' ? 'tool-calls' : reason);
      done = why;
      return { events: takeEvents(), reason: why };
    },
    done: () => done,
    tokens,
    repairs: repairs.counts,
  };
}

function nothing(): void {}

function declaredTool(recipient: string, tools: ToolNames, repairs: RepairCounter): Tool | null {
  const tool = tools.toolOf(recipient);
  if (tool !== null) return tool;
  for (const type of contentTypes) {
    const shorter = recipient.endsWith(type) ? tools.toolOf(recipient.slice(0, -type.length)) : null;
    if (shorter === null) continue;
    repairs.add('glued-content-type');
    return shorter;
  }
  return null;
}

function undeclaredTool(recipient: string): ToolReference {
  const name = recipient.replace(/^(?:functions\.)+/u, '').replace(/[^\w.-]/gu, '_');
  return { type: 'function', name: name.slice(0, longestName) || 'unnamed', namespace: null };
}

function inputOf(tool: Tool | null, repairs: RepairCounter): ToolInput {
  switch (tool?.type) {
    case 'function':
      return createFunctionInput(repairs.add);
    case 'custom':
      return createCustomInput(repairs.add);
    // The python tool's content is code, and a brace in it begins no arguments.
    case undefined:
      return createRawInput();
  }
}

function referenceOf({ type, name, namespace }: Tool): ToolReference {
  return { type, name, namespace };
}
