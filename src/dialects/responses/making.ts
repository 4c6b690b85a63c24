import type { Frame } from '../../core/dialect.ts';
import type { IdPrefix, Ids } from '../../core/ids.ts';
import { jsonLine } from '../json-line.ts';
import { itemObject } from './output-item.ts';
import type { EventBody, ItemStatus, OutputItem } from './output-item.ts';
import type { requestFields, ResponseState } from './response.ts';
import type { SealedKind, Seals } from './seals.ts';

/** What a client has asked for that its response doesn't repeat. */
export type AnswerForm = {
  /** Reasoning is shown as a summary. */
  readonly asSummary: boolean;
  /** Reasoning comes sealed, too. */
  readonly sealed: boolean;
  /** The answer's text is a summary of the conversation, and leaves sealed. */
  readonly compacts: boolean;
  /** Deltas are padded, so that their sizes tell less of their texts. */
  readonly obfuscates: boolean;
};

/** Where an answer gets what is another each time it is made. */
export type AnswerSources = {
  readonly ids: Ids;
  /** Milliseconds since 1970, now; asked once, when the response is complete. */
  readonly now: () => number;
  readonly seal: Seals['seal'];
};

export type ResponsesAnswerOptions = {
  readonly id: string;
  /** Seconds since 1970. */
  readonly createdAt: number;
  readonly request: ReturnType<typeof requestFields>;
  /** Messages are JSON, which a preamble would spoil. */
  readonly jsonContent: boolean;
  readonly form: AnswerForm;
};

/** A response that is being made. Many are at a time, so it is kept small: one record, and functions that take it. */
export type Making = {
  readonly identity: { readonly id: string; readonly object: 'response'; readonly created_at: number };
  /**
   * The JSON of what doesn't change, tools and instructions included, less its brace: it is in every snapshot. The
   * objects that it was made of are as large again, and not kept.
   */
  readonly constantJson: string;
  readonly jsonContent: boolean;
  /** Known when there is something to be shaped. */
  form: AnswerForm;
  readonly sources: AnswerSources;
  /** What the sources have given, in that order; null: nobody wants to know. */
  given: (string | number)[] | null;
  readonly done: object[];
  sequence: number;
  phase: 'new' | 'queued' | 'running' | 'over';
  open: OutputItem | null;
  /** The open item's block has ended. */
  ended: boolean;
  state: ResponseState;
};

export function openMaking(options: ResponsesAnswerOptions, sources: AnswerSources): Making {
  const { id, createdAt, request, jsonContent, form } = options;
  return {
    identity: { id, object: 'response', created_at: createdAt },
    constantJson: jsonLine(request).slice(1),
    jsonContent,
    form,
    sources,
    given: null,
    done: [],
    sequence: 0,
    phase: 'new',
    open: null,
    ended: false,
    state: {
      status: 'in_progress',
      completed_at: null,
      error: null,
      incomplete_details: null,
      output: [],
      usage: null,
    },
  };
}

export function nextId(making: Making, prefix: IdPrefix): string {
  return noteGiven(making, making.sources.ids.next(prefix));
}

/** Seconds since 1970. */
export function now(making: Making): number {
  return noteGiven(making, Math.floor(making.sources.now() / 1000));
}

function noteGiven<Value extends string | number>(making: Making, value: Value): Value {
  // Mostly it is one id for long: a list of one has room for one, an empty one that is added to for many more.
  if (making.given?.length === 0) making.given = [value];
  else making.given?.push(value);
  return value;
}

export function emit(making: Making, { type, ...fields }: EventBody): Frame {
  return { event: type, data: jsonLine({ type, sequence_number: making.sequence++, ...fields }) };
}

export function emitResponse(making: Making, type: string): Frame {
  const { identity, state, constantJson } = making;
  const response = `${jsonLine({ ...identity, ...state }).slice(0, -1)},${constantJson}`;
  return { event: type, data: `{"type":"${type}","sequence_number":${making.sequence++},"response":${response}}` };
}

/** The open item as it is now. */
export function openObject(making: Making, open: OutputItem, status: ItemStatus): object {
  const seal = (kind: SealedKind, text: string) => noteGiven(making, making.sources.seal(kind, text));
  return itemObject(open, status, seal);
}

export function outputSoFar(making: Making, status: 'in_progress' | 'incomplete'): readonly object[] {
  const { open, done } = making;
  return open === null ? done : [...done, openObject(making, open, status)];
}

export function responseObject(making: Making): object {
  const { identity, state, phase, constantJson } = making;
  const output = phase === 'running' ? outputSoFar(making, 'in_progress') : state.output;
  return { ...identity, ...state, output, ...(JSON.parse(`{${constantJson}`) as object) };
}
