import type { AnswerEvent, AnswerReader, Usage } from './answer.ts';
import type { Said } from './conversation.ts';

type Item = {
  readonly type: string;
  readonly id: string;
  readonly phase?: string | null;
  readonly call_id: string;
  readonly name: string;
};

type ResponseObject = {
  readonly error: { readonly message: string } | null;
  readonly incomplete_details: { readonly reason: string } | null;
  readonly usage: {
    readonly input_tokens: number;
    readonly input_tokens_details: { readonly cached_tokens: number };
    readonly output_tokens: number;
    readonly output_tokens_details: { readonly reasoning_tokens: number };
  } | null;
};

type StreamEvent = {
  readonly type: string;
  readonly item: Item;
  readonly delta: string;
  readonly response: ResponseObject;
  readonly message?: string;
};

/** Reads the events of the Responses API. */
export function createResponsesReader(): AnswerReader {
  return (data) => {
    const event = JSON.parse(data) as StreamEvent;
    switch (event.type) {
      case 'response.queued':
        return [{ type: 'stage', stage: 'queued' }];
      case 'response.in_progress':
        return [{ type: 'stage', stage: 'running' }];
      case 'response.output_item.added': {
        const entry = entryOf(event.item);
        return entry === null ? [] : [{ type: 'begin', entry }];
      }
      case 'response.reasoning_text.delta':
      case 'response.output_text.delta':
      case 'response.function_call_arguments.delta':
      case 'response.custom_tool_call_input.delta':
        return [{ type: 'delta', text: event.delta }];
      case 'response.completed':
        return [...usageOf(event.response), { type: 'end', reason: 'completed' }];
      case 'response.incomplete':
        return [
          ...usageOf(event.response),
          { type: 'end', reason: event.response.incomplete_details?.reason ?? 'incomplete' },
        ];
      case 'response.failed':
        return [{ type: 'failed', message: event.response.error?.message ?? 'The response failed.' }];
      case 'error':
        return [{ type: 'failed', message: event.message ?? 'The stream failed.' }];
      default:
        return [];
    }
  };
}

function entryOf({ type, id, phase = null, call_id: callId, name }: Item): Said | null {
  switch (type) {
    case 'reasoning':
      return { type: 'reasoning', id, text: '' };
    case 'message':
      return { type: 'text', phase, text: '' };
    case 'function_call':
      return { type: 'call', callId, kind: 'function', name, text: '' };
    case 'custom_tool_call':
      return { type: 'call', callId, kind: 'custom', name, text: '' };
    default:
      return null;
  }
}

function usageOf({ usage }: ResponseObject): AnswerEvent[] {
  if (usage === null) return [];
  const read: Usage = {
    input: usage.input_tokens,
    cached: usage.input_tokens_details.cached_tokens,
    output: usage.output_tokens,
    reasoning: usage.output_tokens_details.reasoning_tokens,
  };
  return [{ type: 'usage', usage: read }];
}
