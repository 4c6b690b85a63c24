import type { Answer, Frame } from '../../core/dialect.ts';
import { failures } from '../../core/errors.ts';
import type { GatewayError } from '../../core/errors.ts';
import type { TurnEvent } from '../../core/event.ts';
import type { Ids } from '../../core/ids.ts';
import { jsonLine } from '../json-line.ts';
import { obfuscated } from '../obfuscation.ts';
import { addDelta, callItem, compactionItem, itemObject, messageItem, reasoningItem } from './output-item.ts';
import type { EventBody, OutputItem } from './output-item.ts';
import { responseUsage } from './response.ts';
import type { requestFields, ResponseState } from './response.ts';
import type { Seals } from './seals.ts';

export type ResponsesAnswer = Answer & {
  /** The frames that end a stream which its client has cancelled. */
  cancel(): readonly Frame[];
};

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
export type AnswerSources = Pick<ResponsesAnswerOptions, 'ids' | 'now' | 'seal'>;

export type ResponsesAnswerOptions = {
  readonly id: string;
  /** Seconds since 1970. */
  readonly createdAt: number;
  readonly request: ReturnType<typeof requestFields>;
  /** Messages are JSON, which a preamble would spoil. */
  readonly jsonContent: boolean;
  /** Asked for when there is something to be shaped. */
  readonly form: () => AnswerForm;
  readonly seal: Seals['seal'];
  readonly ids: Ids;
  /** Seconds since 1970, now; asked once, when the response is complete. */
  readonly now: () => number;
};

/**
 * Answers in the events of the Responses API. Choices made where the API leaves some:
 *
 * - `response.created` comes first, whatever does; `response.queued` follows it when the turn has to wait.
 * - `response.output_item.done` waits for the event after its block: only then is it known whether the token limit cut
 *   the item off, and its `status` says so.
 * - A preamble (`phase: commentary`) is a message of its own; where messages must be JSON it is reasoning, since the
 *   SDK's `parse` reads every message.
 * - Reasoning is shown once: as a summary where one was asked for, else as it is. What is sealed is known when it is
 *   complete; until then its `encrypted_content` is null.
 * - A keep-alive is `response.in_progress` (or `response.queued`) once more, with the output so far, since comments
 *   don't reset Codex's idle timer.
 * - `response.failed` shows what there was of an open item as `incomplete`, but that item gets no
 *   `response.output_item.done`: Codex keeps items that are done, and would say them twice after its retry.
 * - A cancelled response ends with `response.incomplete`, whose response has the status `cancelled`: the API has no event
 *   of its own for it, and clients wait for one that they know.
 * - The stream ends at the terminal event; there is no `[DONE]`, as on api.openai.com.
 */
export function createResponsesAnswer(options: ResponsesAnswerOptions): ResponsesAnswer {
  const { id, createdAt, request, jsonContent, form, seal, ids, now } = options;
  const making: Making = {
    identity: { id, object: 'response', created_at: createdAt },
    constantJson: jsonLine(request).slice(1),
    jsonContent,
    form,
    seal,
    ids,
    now,
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
  return {
    push: (event) => push(making, event),
    fail: (error) => fail(making, error),
    retract(error) {
      // The terminal event's number is free again.
      making.sequence -= 1;
      return [failed(making, error)];
    },
    cancel: () => cancel(making),
    keepAlive: () => keepAlive(making),
    object: () => object(making),
  };
}

/** A response that is being made. Many are at a time, so it is kept small: one record, and functions that take it. */
type Making = Pick<ResponsesAnswerOptions, 'jsonContent' | 'form' | 'seal' | 'ids' | 'now'> & {
  readonly identity: { readonly id: string; readonly object: 'response'; readonly created_at: number };
  /**
   * The JSON of what doesn't change, tools and instructions included, less its brace: it is in every snapshot. The
   * objects that it was made of are as large again, and not kept.
   */
  readonly constantJson: string;
  readonly done: object[];
  sequence: number;
  phase: 'new' | 'queued' | 'running' | 'over';
  open: OutputItem | null;
  /** The open item's block has ended. */
  ended: boolean;
  state: ResponseState;
};

function emit(making: Making, { type, ...fields }: EventBody): Frame {
  return { event: type, data: jsonLine({ type, sequence_number: making.sequence++, ...fields }) };
}

function emitResponse(making: Making, type: string): Frame {
  const { identity, state, constantJson } = making;
  const response = `${jsonLine({ ...identity, ...state }).slice(0, -1)},${constantJson}`;
  return { event: type, data: `{"type":"${type}","sequence_number":${making.sequence++},"response":${response}}` };
}

/** `response.created`, unless it has been sent. */
function created(making: Making, status: 'queued' | 'in_progress'): Frame[] {
  making.state = { ...making.state, status };
  return making.sequence === 0 ? [emitResponse(making, 'response.created')] : [];
}

function begin(making: Making, create: (position: number) => OutputItem): Frame[] {
  const frames = closeItem(making, 'completed');
  const open = create(making.done.length);
  making.open = open;
  making.ended = false;
  const item = itemObject(open, 'in_progress');
  frames.push(
    emit(making, { type: 'response.output_item.added', output_index: making.done.length, item }),
    ...open.begin().map((body) => emit(making, body)),
  );
  return frames;
}

function beginReasoning(making: Making): Frame[] {
  const { form, ids, seal } = making;
  const { asSummary, sealed } = form();
  const shape = { asSummary, seal: sealed ? (text: string) => seal('reasoning', text) : null };
  return begin(making, (position) => reasoningItem(ids.next('rs'), position, shape));
}

function beginText(making: Making, phase: 'commentary' | 'final' | 'summary'): Frame[] {
  const { form, ids, jsonContent } = making;
  if (phase === 'summary') return beginCompaction(making);
  if (form().compacts) return phase === 'commentary' ? closeItem(making, 'completed') : beginCompaction(making);
  if (phase === 'commentary' && jsonContent) return beginReasoning(making);
  return begin(making, (position) => messageItem(ids.next('msg'), position, phase));
}

function beginCompaction(making: Making): Frame[] {
  const { ids, seal } = making;
  return begin(making, (position) => compactionItem(ids.next('cmp'), position, (text) => seal('compaction', text)));
}

function end(making: Making): Frame[] {
  making.ended = true;
  const { open } = making;
  return open === null ? [] : open.end(open.text).map((body) => emit(making, body));
}

function closeItem(making: Making, status: 'completed' | 'incomplete'): Frame[] {
  if (making.open === null) return [];
  const item = itemObject(making.open, status);
  const frame = emit(making, { type: 'response.output_item.done', output_index: making.done.length, item });
  making.done.push(item);
  making.open = null;
  return [frame];
}

function delta(making: Making, text: string): Frame[] {
  const { open } = making;
  if (open === null) return [];
  const data = `${open.head}${making.sequence++}${addDelta(open, text)}`;
  return [{ event: open.deltaType, data: making.form().obfuscates ? obfuscated(data) : data }];
}

function push(making: Making, event: TurnEvent): Frame[] {
  switch (event.type) {
    case 'turn-queued': {
      if (making.phase === 'queued') return [];
      const frames = created(making, 'queued');
      making.phase = 'queued';
      frames.push(emitResponse(making, 'response.queued'));
      return frames;
    }
    case 'turn-start': {
      const frames = created(making, 'in_progress');
      making.phase = 'running';
      frames.push(emitResponse(making, 'response.in_progress'));
      return frames;
    }
    case 'reasoning-start':
      return making.form().compacts ? closeItem(making, 'completed') : beginReasoning(making);
    case 'text-start':
      return beginText(making, event.phase);
    case 'tool-call-start': {
      const id = making.ids.next(event.tool.type === 'function' ? 'fc' : 'ctc');
      return begin(making, (position) => callItem(id, position, event.callId, event.tool));
    }
    case 'reasoning-delta':
    case 'text-delta':
    case 'tool-call-delta':
      return delta(making, event.text);
    case 'reasoning-end':
    case 'text-end':
    case 'tool-call-end':
      return end(making);
    case 'turn-end': {
      const cutOff = event.reason === 'length';
      const frames = closeItem(making, cutOff ? 'incomplete' : 'completed');
      making.phase = 'over';
      making.state = {
        ...making.state,
        status: cutOff ? 'incomplete' : 'completed',
        completed_at: cutOff ? null : making.now(),
        incomplete_details: cutOff ? { reason: 'max_output_tokens' } : null,
        output: making.done,
        usage: responseUsage(event.usage),
      };
      frames.push(emitResponse(making, cutOff ? 'response.incomplete' : 'response.completed'));
      return frames;
    }
  }
}

/** What comes before the event of an end that is none of the turn's own. */
function breakOff(making: Making): Frame[] {
  const frames = created(making, 'in_progress');
  if (making.ended) frames.push(...closeItem(making, 'completed'));
  making.phase = 'over';
  return frames;
}

function fail(making: Making, error: GatewayError): Frame[] {
  if (making.phase === 'over') return [];
  return [...breakOff(making), failed(making, error)];
}

function failed(making: Making, error: GatewayError): Frame {
  making.state = {
    ...making.state,
    status: 'failed',
    completed_at: null,
    incomplete_details: null,
    error: { code: failures[error.code].failedCode, message: failureMessage(error) },
    output: outputSoFar(making, 'incomplete'),
  };
  return emitResponse(making, 'response.failed');
}

function cancel(making: Making): Frame[] {
  if (making.phase === 'over') return [];
  const frames = breakOff(making);
  making.state = { ...making.state, status: 'cancelled', output: outputSoFar(making, 'incomplete') };
  frames.push(emitResponse(making, 'response.incomplete'));
  return frames;
}

function outputSoFar({ open, done }: Making, status: 'in_progress' | 'incomplete'): readonly object[] {
  return open === null ? done : [...done, itemObject(open, status)];
}

function keepAlive(making: Making): Frame {
  switch (making.phase) {
    case 'new': {
      const [frame] = created(making, 'queued');
      if (frame !== undefined) return frame;
      making.phase = 'queued';
      return emitResponse(making, 'response.queued');
    }
    case 'queued':
      return emitResponse(making, 'response.queued');
    case 'running':
      making.state = { ...making.state, output: outputSoFar(making, 'in_progress') };
      return emitResponse(making, 'response.in_progress');
    case 'over':
      return { event: null, data: null };
  }
}

function object(making: Making): object {
  const { identity, state, phase, constantJson } = making;
  const output = phase === 'running' ? outputSoFar(making, 'in_progress') : state.output;
  return { ...identity, ...state, output, ...(JSON.parse(`{${constantJson}`) as object) };
}

/** Codex waits as long as a rate limit's message tells it to. */
function failureMessage(error: GatewayError): string {
  if (failures[error.code].failedCode !== 'rate_limit_exceeded' || error.retryAfter === null) return error.message;
  return `${error.message} Please try again in ${error.retryAfter}s.`;
}
