import type { ToolReference } from '../../core/turn.ts';
import { jsonLine } from '../json-line.ts';

type ItemStatus = 'in_progress' | 'completed' | 'incomplete';

/** An event less its sequence number. */
export type EventBody = { readonly type: string; readonly [field: string]: unknown };

/**
 * One item of a response's output while it is being made: one growing text, and what is said around it. Deltas are most
 * of a stream, so their JSON is put together around the quoted text instead of being made of an object.
 */
export type OutputItem = {
  /** A delta's event: `head + sequence number + addDelta(…)`. */
  readonly head: string;
  /** JSON from the sequence number on, around the text of a delta. */
  readonly beforeDelta: string;
  readonly afterDelta: string;
  /** The text as it stands in the JSON. */
  readonly quote: (piece: string) => string;
  /** The event's type, as in `head`. */
  readonly deltaType: string;
  /** All deltas so far. */
  text: string;
  /** What follows `response.output_item.added` before any delta. */
  begin(): readonly EventBody[];
  /** What precedes `response.output_item.done`. */
  end(text: string): readonly EventBody[];
  /** The item with that text. */
  object(status: ItemStatus, text: string): object;
};

/** Adds a piece of text, and gives the JSON of its event from the sequence number on. */
export function addDelta(item: OutputItem, piece: string): string {
  item.text += piece;
  return item.beforeDelta + item.quote(piece) + item.afterDelta;
}

/** The item as it is now. */
export function itemObject(item: OutputItem, status: ItemStatus): object {
  return item.object(status, item.text);
}

export type ReasoningForm = {
  /** It is shown as a summary: the reasoning itself, in the place where clients that ask for summaries look for it. */
  readonly asSummary: boolean;
  /** Makes the item's `encrypted_content`; null: it has none. */
  readonly seal: ((text: string) => string) | null;
};

/** `position` is the item's `output_index`. */
export function reasoningItem(id: string, position: number, { asSummary, seal }: ReasoningForm): OutputItem {
  const name = asSummary ? 'reasoning_summary' : 'reasoning';
  const partEvents = asSummary ? 'response.reasoning_summary_part' : 'response.content_part';
  const part = (text: string) => ({ type: asSummary ? 'summary_text' : 'reasoning_text', text });
  const place = { item_id: id, output_index: position, ...(asSummary ? { summary_index: 0 } : { content_index: 0 }) };
  let begun = false;
  return textItem({
    deltaType: `response.${name}_text.delta`,
    place,
    afterDelta: '}',
    begin: () => {
      begun = true;
      return [{ type: `${partEvents}.added`, ...place, part: part('') }];
    },
    end: (text) => [
      { type: `response.${name}_text.done`, ...place, text },
      { type: `${partEvents}.done`, ...place, part: part(text) },
    ],
    object: (status, text) => ({
      type: 'reasoning',
      id,
      // Codex drops reasoning that has no summary, be it an empty one.
      summary: asSummary && begun ? [part(text)] : [],
      content: !asSummary && begun ? [part(text)] : [],
      ...(seal === null ? {} : { encrypted_content: status === 'in_progress' ? null : seal(text) }),
      status,
    }),
  });
}

/** A summary of the conversation, of which the client sees nothing but that it is being written. */
export function compactionItem(id: string, position: number, seal: (text: string) => string): OutputItem {
  return {
    ...textItem({
      deltaType: 'response.compaction.compacting',
      place: { item_id: id, output_index: position },
      afterDelta: '',
      begin: () => [],
      end: () => [],
      object: (status, text) => ({
        type: 'compaction',
        id,
        encrypted_content: status === 'in_progress' ? '' : seal(text),
      }),
    }),
    beforeDelta: `,${jsonLine({ item_id: id, output_index: position }).slice(1)}`,
    quote: () => '',
  };
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

type TextItemForm = Pick<OutputItem, 'deltaType' | 'afterDelta' | 'begin' | 'end' | 'object'> & {
  readonly place: object;
};

function textItem({ deltaType, place, afterDelta, begin, end, object }: TextItemForm): OutputItem {
  return {
    head: `{"type":"${deltaType}","sequence_number":`,
    beforeDelta: `,${jsonLine(place).slice(1, -1)},"delta":`,
    afterDelta,
    quote: jsonLine,
    deltaType,
    text: '',
    begin,
    end,
    object,
  };
}
