import { addPiece, emptyText, wholeText } from '../../core/growing-text.ts';
import type { GrowingText } from '../../core/growing-text.ts';
import type { ToolReference } from '../../core/turn.ts';
import { jsonLine } from '../json-line.ts';
import type { Seals } from './seals.ts';

export type ItemStatus = 'in_progress' | 'completed' | 'incomplete';

/** An event less its sequence number. */
export type EventBody = { readonly type: string; readonly [field: string]: unknown };

/** One item of a response's output while it is being made: one growing text, and what is said around it. */
export type OutputItem = {
  readonly id: string;
  /** Its `output_index`. */
  readonly position: number;
  readonly kind: ItemKind;
  /** The JSON of its deltas, from the sequence number to the text. */
  readonly beforeDelta: string;
  /** All deltas so far. */
  readonly text: GrowingText;
  /** What follows `response.output_item.added` has been said. */
  begun: boolean;
};

type ItemKind =
  /** `asSummary`: the reasoning itself, in the place where clients that ask for summaries look for it. */
  | { readonly type: 'reasoning'; readonly asSummary: boolean; readonly sealed: boolean }
  | { readonly type: 'message'; readonly phase: 'commentary' | 'final' }
  | { readonly type: 'call'; readonly callId: string; readonly tool: ToolReference }
  /** A summary of the conversation, of which the client sees nothing but that it is being written. */
  | { readonly type: 'compaction' };

export function openItem(id: string, position: number, kind: ItemKind): OutputItem {
  // Joined, for V8 would keep a sum as its parts.
  const place = jsonLine(placeOf({ id, position, kind })).slice(1, -1);
  const beforeDelta = [',', place, kind.type === 'compaction' ? '' : ',"delta":'].join('');
  return { id, position, kind, beforeDelta, text: emptyText(), begun: false };
}

/**
 * Adds a piece of text, and gives its event. Deltas are most of a stream, so their JSON is put together around the
 * quoted text instead of being made of an object.
 */
export function addDelta({ kind, beforeDelta, text }: OutputItem, piece: string, sequence: number) {
  const { type, before, after } = deltaOf(kind);
  addPiece(text, piece);
  const quoted = kind.type === 'compaction' ? '' : jsonLine(piece);
  return { event: type, data: before + sequence + beforeDelta + quoted + after };
}

/** What follows `response.output_item.added` before any delta. */
export function beginItem(item: OutputItem): readonly EventBody[] {
  item.begun = true;
  const { kind } = item;
  switch (kind.type) {
    case 'reasoning':
      return [{ type: `${partEvents(kind)}.added`, ...placeOf(item), part: reasoningPart(kind, '') }];
    case 'message':
      return [{ type: 'response.content_part.added', ...placeOf(item), part: messagePart('') }];
    case 'call':
    case 'compaction':
      return [];
  }
}

/** What precedes `response.output_item.done`. */
export function endItem(item: OutputItem): readonly EventBody[] {
  const { kind } = item;
  const place = placeOf(item);
  const text = wholeText(item.text);
  switch (kind.type) {
    case 'reasoning':
      return [
        { type: `response.${kind.asSummary ? 'reasoning_summary' : 'reasoning'}_text.done`, ...place, text },
        { type: `${partEvents(kind)}.done`, ...place, part: reasoningPart(kind, text) },
      ];
    case 'message':
      return [
        { type: 'response.output_text.done', ...place, text, logprobs: [] },
        { type: 'response.content_part.done', ...place, part: messagePart(text) },
      ];
    case 'call':
      return kind.tool.type === 'function'
        ? [{ type: 'response.function_call_arguments.done', ...place, arguments: text }]
        : [{ type: 'response.custom_tool_call_input.done', ...place, input: text }];
    case 'compaction':
      return [];
  }
}

/** The item as it is now. */
export function itemObject(item: OutputItem, status: ItemStatus, seal: Seals['seal']): object {
  const { id, kind, begun } = item;
  const text = wholeText(item.text);
  switch (kind.type) {
    case 'reasoning': {
      const parts = begun ? [reasoningPart(kind, text)] : [];
      return {
        type: 'reasoning',
        id,
        // Codex drops reasoning that has no summary, be it an empty one.
        summary: kind.asSummary ? parts : [],
        content: kind.asSummary ? [] : parts,
        ...(kind.sealed ? { encrypted_content: status === 'in_progress' ? null : seal('reasoning', text) } : {}),
        status,
      };
    }
    case 'message':
      return {
        type: 'message',
        id,
        status,
        role: 'assistant',
        phase: kind.phase === 'final' ? 'final_answer' : kind.phase,
        content: begun ? [messagePart(text)] : [],
      };
    case 'call': {
      const { callId, tool } = kind;
      const identity = {
        id,
        call_id: callId,
        name: tool.name,
        ...(tool.namespace === null ? {} : { namespace: tool.namespace }),
      };
      return tool.type === 'function'
        ? { type: 'function_call', ...identity, arguments: text, status }
        : { type: 'custom_tool_call', ...identity, input: text, status };
    }
    case 'compaction':
      return { type: 'compaction', id, encrypted_content: status === 'in_progress' ? '' : seal('compaction', text) };
  }
}

type ReasoningKind = Extract<ItemKind, { type: 'reasoning' }>;

/** Where an item's events say that they belong. */
function placeOf({ id, position, kind }: Pick<OutputItem, 'id' | 'position' | 'kind'>): object {
  const place = { item_id: id, output_index: position };
  switch (kind.type) {
    case 'reasoning':
      return { ...place, ...(kind.asSummary ? { summary_index: 0 } : { content_index: 0 }) };
    case 'message':
      return { ...place, content_index: 0 };
    case 'call':
    case 'compaction':
      return place;
  }
}

function partEvents({ asSummary }: ReasoningKind): string {
  return asSummary ? 'response.reasoning_summary_part' : 'response.content_part';
}

function reasoningPart({ asSummary }: ReasoningKind, text: string): object {
  return { type: asSummary ? 'summary_text' : 'reasoning_text', text };
}

function messagePart(text: string): object {
  return { type: 'output_text', annotations: [], logprobs: [], text };
}

/** The JSON of a delta's event around what its item says. */
type DeltaForm = { readonly type: string; readonly before: string; readonly after: string };

const deltas = {
  reasoning: deltaForm('response.reasoning_text.delta'),
  summary: deltaForm('response.reasoning_summary_text.delta'),
  message: deltaForm('response.output_text.delta', ',"logprobs":[]}'),
  function: deltaForm('response.function_call_arguments.delta'),
  custom: deltaForm('response.custom_tool_call_input.delta'),
  compaction: deltaForm('response.compaction.compacting'),
};

function deltaForm(type: string, after = '}'): DeltaForm {
  return { type, before: `{"type":"${type}","sequence_number":`, after };
}

function deltaOf(kind: ItemKind): DeltaForm {
  switch (kind.type) {
    case 'reasoning':
      return kind.asSummary ? deltas.summary : deltas.reasoning;
    case 'message':
      return deltas.message;
    case 'call':
      return deltas[kind.tool.type];
    case 'compaction':
      return deltas.compaction;
  }
}
