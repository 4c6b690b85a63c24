import type { Answer, Frame } from '../../core/dialect.ts';
import { failures } from '../../core/errors.ts';
import type { GatewayError } from '../../core/errors.ts';
import type { TurnEvent } from '../../core/event.ts';
import type { Ids } from '../../core/ids.ts';
import { jsonLine } from '../json-line.ts';
import { obfuscated } from '../obfuscation.ts';
import { callItem, compactionItem, messageItem, reasoningItem } from './output-item.ts';
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
 * - A summary of the conversation that the turn goes on with is a `compaction` item before the others.
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
  /** The JSON of what doesn't change, tools and instructions included: it is in every snapshot. Made for the first. */
  let constantJson: string | null = null;
  const done: object[] = [];
  let sequence = 0;
  let phase: 'new' | 'queued' | 'running' | 'over' = 'new';
  let open: OutputItem | null = null;
  /** The open item's block has ended. */
  let ended = false;
  let state: ResponseState = {
    status: 'in_progress',
    completed_at: null,
    error: null,
    incomplete_details: null,
    output: [],
    usage: null,
  };

  const snapshot = () => ({ id, object: 'response', created_at: createdAt, ...state });

  function emit({ type, ...fields }: EventBody): Frame {
    return { event: type, data: jsonLine({ type, sequence_number: sequence++, ...fields }) };
  }

  function emitResponse(type: string): Frame {
    constantJson ??= jsonLine(request).slice(1);
    const response = `${jsonLine(snapshot()).slice(0, -1)},${constantJson}`;
    return { event: type, data: `{"type":"${type}","sequence_number":${sequence++},"response":${response}}` };
  }

  /** `response.created`, unless it has been sent. */
  function created(status: 'queued' | 'in_progress'): Frame[] {
    state = { ...state, status };
    return sequence === 0 ? [emitResponse('response.created')] : [];
  }

  function begin(create: (position: number) => OutputItem): Frame[] {
    const frames = closeItem('completed');
    open = create(done.length);
    ended = false;
    const item = open.object('in_progress');
    frames.push(emit({ type: 'response.output_item.added', output_index: done.length, item }));
    for (const body of open.begin()) frames.push(emit(body));
    return frames;
  }

  function beginReasoning(): Frame[] {
    const { asSummary, sealed } = form();
    const shape = { asSummary, seal: sealed ? (text: string) => seal('reasoning', text) : null };
    return begin((position) => reasoningItem(ids.next('rs'), position, shape));
  }

  function beginCompaction(): Frame[] {
    return begin((position) => compactionItem(ids.next('cmp'), position, (text) => seal('compaction', text)));
  }

  function end(): Frame[] {
    ended = true;
    return open === null ? [] : open.end().map(emit);
  }

  function closeItem(status: 'completed' | 'incomplete'): Frame[] {
    if (open === null) return [];
    const item = open.object(status);
    const frame = emit({ type: 'response.output_item.done', output_index: done.length, item });
    done.push(item);
    open = null;
    return [frame];
  }

  function delta(text: string): Frame[] {
    if (open === null) return [];
    const data = `${open.head}${sequence++}${open.delta(text)}`;
    return [{ event: open.deltaType, data: form().obfuscates ? obfuscated(data) : data }];
  }

  function push(event: TurnEvent): Frame[] {
    switch (event.type) {
      case 'turn-queued': {
        if (phase === 'queued') return [];
        const frames = created('queued');
        phase = 'queued';
        frames.push(emitResponse('response.queued'));
        return frames;
      }
      case 'turn-start': {
        const frames = created('in_progress');
        phase = 'running';
        frames.push(emitResponse('response.in_progress'));
        return frames;
      }
      case 'reasoning-start':
        if (form().compacts) return closeItem('completed');
        return beginReasoning();
      case 'text-start': {
        const { phase: kind } = event;
        if (kind === 'summary') return beginCompaction();
        if (form().compacts) return kind === 'commentary' ? closeItem('completed') : beginCompaction();
        if (kind === 'commentary' && jsonContent) return beginReasoning();
        return begin((position) => messageItem(ids.next('msg'), position, kind));
      }
      case 'tool-call-start': {
        const itemId = ids.next(event.tool.type === 'function' ? 'fc' : 'ctc');
        return begin((position) => callItem(itemId, position, event.callId, event.tool));
      }
      case 'reasoning-delta':
      case 'text-delta':
      case 'tool-call-delta':
        return delta(event.text);
      case 'reasoning-end':
      case 'text-end':
      case 'tool-call-end':
        return end();
      case 'turn-end': {
        const cutOff = event.reason === 'length';
        const frames = closeItem(cutOff ? 'incomplete' : 'completed');
        phase = 'over';
        state = {
          ...state,
          status: cutOff ? 'incomplete' : 'completed',
          completed_at: cutOff ? null : now(),
          incomplete_details: cutOff ? { reason: 'max_output_tokens' } : null,
          output: done,
          usage: responseUsage(event.usage),
        };
        frames.push(emitResponse(cutOff ? 'response.incomplete' : 'response.completed'));
        return frames;
      }
    }
  }

  function fail(error: GatewayError): Frame[] {
    if (phase === 'over') return [];
    const frames = created('in_progress');
    if (ended) frames.push(...closeItem('completed'));
    phase = 'over';
    frames.push(failed(error));
    return frames;
  }

  function failed(error: GatewayError): Frame {
    state = {
      ...state,
      status: 'failed',
      completed_at: null,
      incomplete_details: null,
      error: { code: failures[error.code].failedCode, message: failureMessage(error) },
      output: outputSoFar('incomplete'),
    };
    return emitResponse('response.failed');
  }

  function cancel(): Frame[] {
    if (phase === 'over') return [];
    const frames = created('in_progress');
    if (ended) frames.push(...closeItem('completed'));
    phase = 'over';
    state = { ...state, status: 'cancelled', output: outputSoFar('incomplete') };
    frames.push(emitResponse('response.incomplete'));
    return frames;
  }

  function outputSoFar(status: 'in_progress' | 'incomplete'): readonly object[] {
    return open === null ? done : [...done, open.object(status)];
  }

  /** The terminal event's number is free again. */
  function retract(error: GatewayError): Frame[] {
    sequence -= 1;
    return [failed(error)];
  }

  function keepAlive(): Frame {
    switch (phase) {
      case 'new': {
        const [frame] = created('queued');
        if (frame !== undefined) return frame;
        phase = 'queued';
        return emitResponse('response.queued');
      }
      case 'queued':
        return emitResponse('response.queued');
      case 'running':
        state = { ...state, output: outputSoFar('in_progress') };
        return emitResponse('response.in_progress');
      case 'over':
        return { event: null, data: null };
    }
  }

  function object(): object {
    const output = phase === 'running' ? outputSoFar('in_progress') : state.output;
    return { ...snapshot(), output, ...request };
  }

  return { push, fail, retract, cancel, keepAlive, object };
}

/** Codex waits as long as a rate limit's message tells it to. */
function failureMessage(error: GatewayError): string {
  if (failures[error.code].failedCode !== 'rate_limit_exceeded' || error.retryAfter === null) return error.message;
  return `${error.message} Please try again in ${error.retryAfter}s.`;
}
