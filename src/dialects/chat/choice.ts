import type { Frame } from '../../core/dialect.ts';
import type { EndReason, TurnEvent } from '../../core/event.ts';
import { addPiece, emptyText, isEmptyText, wholeText } from '../../core/growing-text.ts';
import type { GrowingText } from '../../core/growing-text.ts';
import type { ToolReference } from '../../core/turn.ts';
import { jsonLine } from '../json-line.ts';
import { chunk, chunkOpening, finishFrame } from './chunk.ts';
import type { ChunkOptions, Completion, FinishReason } from './chunk.ts';

export type ChoiceOptions = ChunkOptions & {
  readonly completion: Completion;
  /** What the model thinks is shown, under both names that clients read; else it is left out. */
  readonly showsReasoning: boolean;
  /** The model has tools and may call them. */
  readonly mayCall: boolean;
  /** Calls are answered as `function_call`, the deprecated form. */
  readonly legacyFunctions: boolean;
  /** The content is JSON, which a preamble would spoil. */
  readonly jsonContent: boolean;
};

/** One choice of a completion, and what its turn's events add up to. */
export type Choice = {
  readonly options: ChoiceOptions;
  readonly index: number;
  /** What its chunks begin with. */
  readonly opening: string;
  /** null for a call's answer until there is text: so it stays when there is nothing but calls. */
  content: GrowingText | null;
  /** null: there is none. */
  reasoning: GrowingText | null;
  readonly calls: Call[];
  finishReason: FinishReason | null;
  /** What the open block becomes. A call is the last one. */
  block: 'content' | 'reasoning' | 'call' | 'nothing';
  /** What the open block's next delta begins with. */
  separator: string;
};

type Call = {
  readonly callId: string;
  readonly tool: ToolReference;
  readonly input: GrowingText;
  /** The text of its deltas, around the quoted piece of input. */
  readonly before: string;
  readonly after: string;
};

/** Between blocks of one kind: texts that the model said apart must not run into each other. */
const separator = '\n\n';

export function openChoice(options: ChoiceOptions, index: number): Choice {
  return {
    options,
    index,
    opening: chunkOpening(options.completion, index),
    content: options.mayCall ? null : emptyText(),
    reasoning: null,
    calls: [],
    finishReason: null,
    block: 'nothing',
    separator: '',
  };
}

/** The chunks that an event makes. */
export function writeChoice(choice: Choice, event: TurnEvent): Frame[] {
  const { options, content } = choice;
  switch (event.type) {
    case 'turn-queued':
      return [];
    case 'turn-start':
      return [write(choice, `"role":"assistant","content":${content === null ? 'null' : '""'},"refusal":null`)];
    case 'reasoning-start':
      openReasoning(choice);
      return [];
    case 'text-start':
      if (event.phase === 'commentary' && options.jsonContent) openReasoning(choice);
      else openContent(choice);
      return [];
    case 'tool-call-start':
      return openCall(choice, event.callId, event.tool);
    case 'reasoning-delta':
    case 'text-delta':
    case 'tool-call-delta':
      return writeDelta(choice, event.text);
    case 'reasoning-end':
    case 'text-end':
    case 'tool-call-end':
      return [];
    case 'turn-end': {
      choice.finishReason = toFinishReason(event.reason, options.legacyFunctions);
      const finish = finishFrame(options.completion, choice.index, choice.finishReason, options.includeUsage);
      if (content !== null || choice.calls.length > 0) return [finish];
      choice.content = emptyText();
      return [write(choice, '"content":""'), finish];
    }
  }
}

/** The choice as the completion object holds it; whole after `turn-end`. */
export function choiceObject({ options, index, content, reasoning, calls, finishReason }: Choice): object {
  const thought = reasoning === null ? '' : wholeText(reasoning);
  return {
    index,
    message: {
      role: 'assistant',
      content: content === null ? null : wholeText(content),
      refusal: null,
      annotations: [],
      ...(thought === '' ? {} : { reasoning_content: thought, reasoning: thought }),
      ...callFields(calls, options.legacyFunctions),
    },
    logprobs: null,
    finish_reason: finishReason,
  };
}

function write({ opening, options }: Choice, delta: string): Frame {
  return chunk(opening, delta, options);
}

function openContent(choice: Choice): void {
  choice.block = 'content';
  choice.separator = separatorAfter(choice.content);
}

function openReasoning(choice: Choice): void {
  choice.block = choice.options.showsReasoning ? 'reasoning' : 'nothing';
  choice.separator = separatorAfter(choice.reasoning);
}

function separatorAfter(text: GrowingText | null): string {
  return text === null || isEmptyText(text) ? '' : separator;
}

function openCall(choice: Choice, callId: string, tool: ToolReference): Frame[] {
  const { calls } = choice;
  const { legacyFunctions } = choice.options;
  if (legacyFunctions && calls.length > 0) {
    // `function_call` has room for one; the turn was asked for no more.
    choice.block = 'nothing';
    return [];
  }
  const { start, before, after } = callForm(callId, tool, calls.length, legacyFunctions);
  calls.push({ callId, tool, input: emptyText(), before, after });
  choice.block = 'call';
  choice.separator = '';
  return [write(choice, start)];
}

function writeDelta(choice: Choice, text: string): Frame[] {
  const added = choice.separator === '' ? text : choice.separator + text;
  choice.separator = '';
  switch (choice.block) {
    case 'content':
      choice.content ??= emptyText();
      addPiece(choice.content, added);
      return [write(choice, `"content":${jsonLine(added)}`)];
    case 'reasoning': {
      choice.reasoning ??= emptyText();
      addPiece(choice.reasoning, added);
      const quoted = jsonLine(added);
      return [write(choice, `"reasoning_content":${quoted},"reasoning":${quoted}`)];
    }
    case 'call': {
      const call = choice.calls.at(-1)!;
      addPiece(call.input, added);
      return [write(choice, call.before + jsonLine(added) + call.after)];
    }
    case 'nothing':
      return [];
  }
}

/** The texts of a call's deltas: the first whole, the later ones around the quoted piece of input. */
function callForm(callId: string, tool: ToolReference, index: number, legacyFunctions: boolean) {
  const name = jsonLine(tool.name);
  if (legacyFunctions) {
    return {
      start: `"function_call":{"name":${name},"arguments":""}`,
      before: '"function_call":{"arguments":',
      after: '}',
    };
  }
  const { type } = tool;
  const input = type === 'function' ? 'arguments' : 'input';
  const identity = `"index":${index},"id":${jsonLine(callId)},"type":"${type}"`;
  return {
    start: `"tool_calls":[{${identity},"${type}":{"name":${name},"${input}":""}}]`,
    before: `"tool_calls":[{"index":${index},"${type}":{"${input}":`,
    after: '}}]',
  };
}

function callFields(calls: readonly Call[], legacyFunctions: boolean) {
  const [first] = calls;
  if (first === undefined) return {};
  if (legacyFunctions) return { function_call: { name: first.tool.name, arguments: wholeText(first.input) } };
  return {
    tool_calls: calls.map(({ callId, tool, input }) =>
      tool.type === 'function'
        ? { id: callId, type: 'function', function: { name: tool.name, arguments: wholeText(input) } }
        : { id: callId, type: 'custom', custom: { name: tool.name, input: wholeText(input) } },
    ),
  };
}

function toFinishReason(reason: EndReason, legacyFunctions: boolean): FinishReason {
  switch (reason) {
    case 'stop':
    case 'stop-text':
      return 'stop';
    case 'length':
      return 'length';
    case 'tool-calls':
      return legacyFunctions ? 'function_call' : 'tool_calls';
  }
}
