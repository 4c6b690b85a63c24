import type { Frame } from '../../core/dialect.ts';
import type { EndReason, TurnEvent } from '../../core/event.ts';
import type { ToolReference } from '../../core/turn.ts';
import { jsonLine } from '../json-line.ts';
import { createChunker, finishFrame } from './chunk.ts';
import type { ChunkOptions, Completion, FinishReason } from './chunk.ts';

export type ChoiceOptions = ChunkOptions & {
  readonly completion: Completion;
  readonly index: number;
  /** What the model thinks is shown, under both names that clients read; else it is left out. */
  readonly showsReasoning: boolean;
  /** The model has tools and may call them. */
  readonly mayCall: boolean;
  /** Calls are answered as `function_call`, the deprecated form. */
  readonly legacyFunctions: boolean;
  /** The content is JSON, which a preamble would spoil. */
  readonly jsonContent: boolean;
};

/** One choice of a completion: makes chunks of a turn's events and keeps what they add up to. */
export type Choice = {
  push(event: TurnEvent): Frame[];
  /** The choice as the completion object holds it; whole after `turn-end`. */
  object(): unknown;
};

/** Between blocks of one kind: texts that the model said apart must not run into each other. */
const separator = '\n\n';

export function createChoice(options: ChoiceOptions): Choice {
  const { completion, index, includeUsage, mayCall, legacyFunctions, jsonContent } = options;
  const chunk = createChunker(completion, index, options);
  /** null for a call's answer until there is text: so it stays when there is nothing but calls. */
  let content: string | null = mayCall ? null : '';
  let reasoning = '';
  const calls: Call[] = [];
  let finishReason: FinishReason | null = null;
  /** Makes the chunk of the open block's next delta. */
  let writeDelta: (text: string) => Frame[] = () => [];

  function openContent(): void {
    let pending = content === null || content === '' ? '' : separator;
    writeDelta = (text) => {
      const added = pending === '' ? text : pending + text;
      pending = '';
      content = content === null ? added : content + added;
      return [chunk(`"content":${jsonLine(added)}`)];
    };
  }

  function openReasoning(): void {
    if (!options.showsReasoning) {
      writeDelta = () => [];
      return;
    }
    let pending = reasoning === '' ? '' : separator;
    writeDelta = (text) => {
      const added = pending === '' ? text : pending + text;
      pending = '';
      reasoning += added;
      const quoted = jsonLine(added);
      return [chunk(`"reasoning_content":${quoted},"reasoning":${quoted}`)];
    };
  }

  function openCall(callId: string, tool: ToolReference): Frame[] {
    if (legacyFunctions && calls.length > 0) {
      // `function_call` has room for one; the turn was asked for no more.
      writeDelta = () => [];
      return [];
    }
    const call: Call = { callId, tool, input: '' };
    const form = callForm(call, calls.length, legacyFunctions);
    calls.push(call);
    writeDelta = (text) => {
      call.input += text;
      return [chunk(form.open + jsonLine(text) + form.close)];
    };
    return [chunk(form.start)];
  }

  return {
    push(event) {
      switch (event.type) {
        case 'turn-queued':
          return [];
        case 'turn-start':
          return [chunk(`"role":"assistant","content":${jsonLine(content)},"refusal":null`)];
        case 'reasoning-start':
          openReasoning();
          return [];
        case 'text-start':
          if (event.phase === 'commentary' && jsonContent) openReasoning();
          else openContent();
          return [];
        case 'tool-call-start':
          return openCall(event.callId, event.tool);
        case 'reasoning-delta':
        case 'text-delta':
        case 'tool-call-delta':
          return writeDelta(event.text);
        case 'reasoning-end':
        case 'text-end':
        case 'tool-call-end':
          return [];
        case 'turn-end': {
          finishReason = toFinishReason(event.reason, legacyFunctions);
          const finish = finishFrame(completion, index, finishReason, includeUsage);
          if (content !== null || calls.length > 0) return [finish];
          content = '';
          return [chunk('"content":""'), finish];
        }
      }
    },
    object: () => ({
      index,
      message: {
        role: 'assistant',
        content,
        refusal: null,
        annotations: [],
        ...(reasoning === '' ? {} : { reasoning_content: reasoning, reasoning }),
        ...callFields(calls, legacyFunctions),
      },
      logprobs: null,
      finish_reason: finishReason,
    }),
  };
}

type Call = { readonly callId: string; readonly tool: ToolReference; input: string };

/** The texts of a call's deltas: the first whole, the later ones around the quoted piece of input. */
function callForm(call: Call, index: number, legacyFunctions: boolean) {
  const name = jsonLine(call.tool.name);
  if (legacyFunctions) {
    return {
      start: `"function_call":{"name":${name},"arguments":""}`,
      open: '"function_call":{"arguments":',
      close: '}',
    };
  }
  const { type } = call.tool;
  const input = type === 'function' ? 'arguments' : 'input';
  const identity = `"index":${index},"id":${jsonLine(call.callId)},"type":"${type}"`;
  return {
    start: `"tool_calls":[{${identity},"${type}":{"name":${name},"${input}":""}}]`,
    open: `"tool_calls":[{"index":${index},"${type}":{"${input}":`,
    close: '}}]',
  };
}

function callFields(calls: readonly Call[], legacyFunctions: boolean) {
  const [first] = calls;
  if (first === undefined) return {};
  if (legacyFunctions) return { function_call: { name: first.tool.name, arguments: first.input } };
  return {
    tool_calls: calls.map(({ callId, tool, input }) =>
      tool.type === 'function'
        ? { id: callId, type: 'function', function: { name: tool.name, arguments: input } }
        : { id: callId, type: 'custom', custom: { name: tool.name, input } },
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
