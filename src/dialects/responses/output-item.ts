import type { ToolReference } from '../../core/turn.ts';
import { jsonLine } from '../json-line.ts';

type ItemStatus = 'in_progress' | 'completed' | 'incomplete';

/** An event less its sequence number. */
export type EventBody = { readonly type: string; readonly [field: string]: unknown };

/** One item of a response's output while it is being made. */
export type OutputItem = {
  /** What follows `response.output_item.added` before any delta. */
  begin(): readonly EventBody[];
  /** Adds a piece of text, and makes its event: `head + sequence number + delta(…)`. */
  readonly head: string;
  delta(text: string): string;
  /** The event's type, as in `head`. */
  readonly deltaType: string;
  /** What precedes `response.output_item.done`. */
  end(): readonly EventBody[];
  /** The item as it is now. */
  object(status: ItemStatus): object;
};

/** `position` is the item's `output_index`. */
export function reasoningItem(id: string, position: number): OutputItem {
  const part = (text: string) => ({ type: 'reasoning_text', text });
  const place = { item_id: id, output_index: position, content_index: 0 };
  let begun = false;
  return textItem({
    deltaType: 'response.reasoning_text.delta',
    place,
    afterDelta: '}',
    begin: () => {
      begun = true;
      return [{ type: 'response.content_part.added', ...place, part: part('') }];
    },
    end: (text) => [
      { type: 'response.reasoning_text.done', ...place, text },
      { type: 'response.content_part.done', ...place, part: part(text) },
    ],
    // Codex drops reasoning that has no summary, be it an empty one.
    object: (status, text) => ({ type: 'reasoning', id, summary: [], content: begun ? [part(text)] : [], status }),
  });
}

export function messageItem(id: string, position: number, phase: 'commentary' | 'final'): OutputItem {
  const part = (text: string) => ({ type: 'output_text', annotations: [], logprobs: [], text });
  const place = { item_id: id, output_index: position, content_index: 0 };
  let begun = false;
  return textItem({
    deltaType: 'response.output_text.delta',
    place,
    afterDelta: ',"logprobs":[]}',
    begin: () => {
      begun = true;
      return [{ type: 'response.content_part.added', ...place, part: part('') }];
    },
    end: (text) => [
      { type: 'response.output_text.done', ...place, text, logprobs: [] },
      { type: 'response.content_part.done', ...place, part: part(text) },
    ],
    object: (status, text) => ({
      type: 'message',
      id,
      status,
      role: 'assistant',
      phase: phase === 'final' ? 'final_answer' : phase,
      content: begun ? [part(text)] : [],
    }),
  });
}

export function callItem(id: string, position: number, callId: string, tool: ToolReference): OutputItem {
  const place = { item_id: id, output_index: position };
  const identity = {
    id,
    call_id: callId,
    name: tool.name,
    ...(tool.namespace === null ? {} : { namespace: tool.namespace }),
  };
  const noEvents = () => [];
  switch (tool.type) {
    case 'function':
      return textItem({
        deltaType: 'response.function_call_arguments.delta',
        place,
        afterDelta: '}',
        begin: noEvents,
        end: (text) => [{ type: 'response.function_call_arguments.done', ...place, arguments: text }],
        object: (status, text) => ({ type: 'function_call', ...identity, arguments: text, status }),
      });
    case 'custom':
      return textItem({
        deltaType: 'response.custom_tool_call_input.delta',
        place,
        afterDelta: '}',
        begin: noEvents,
        end: (text) => [{ type: 'response.custom_tool_call_input.done', ...place, input: text }],
        object: (status, text) => ({ type: 'custom_tool_call', ...identity, input: text, status }),
      });
  }
}

type TextItemForm = {
  readonly deltaType: string;
  readonly place: object;
  /** JSON from the end of a delta's text on. */
  readonly afterDelta: string;
  begin(): readonly EventBody[];
  end(text: string): readonly EventBody[];
  object(status: ItemStatus, text: string): object;
};

/**
 * An item whose content is one growing text. Deltas are most of a stream, so their JSON is put together around the
 * quoted text instead of being made of an object.
 */
function textItem(form: TextItemForm): OutputItem {
  const { deltaType, afterDelta } = form;
  const beforeDelta = `,${jsonLine(form.place).slice(1, -1)},"delta":`;
  let text = '';
  return {
    begin: () => form.begin(),
    head: `{"type":"${deltaType}","sequence_number":`,
    deltaType,
    delta(piece) {
      text += piece;
      return beforeDelta + jsonLine(piece) + afterDelta;
    },
    end: () => form.end(text),
    object: (status) => form.object(status, text),
  };
}
