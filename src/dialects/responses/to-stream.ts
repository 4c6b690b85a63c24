import type { Answer, Frame } from '../../core/dialect.ts';
import { failures } from '../../core/errors.ts';
import type { GatewayError } from '../../core/errors.ts';
import type { TurnEvent } from '../../core/event.ts';
import type { ToolReference } from '../../core/turn.ts';
import { obfuscated } from '../obfuscation.ts';
import { emit, emitResponse, nextId, now, openMaking, openObject, outputSoFar, responseObject } from './making.ts';
import type { AnswerSources, Making, ResponsesAnswerOptions } from './making.ts';
import { addDelta, beginItem, endItem, openItem } from './output-item.ts';
import type { OutputItem } from './output-item.ts';
import { responseUsage } from './response.ts';

export type ResponsesAnswer = Answer & {
  /** The frames that end a stream which its client has cancelled. */
  cancel(): readonly Frame[];
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
export function createResponsesAnswer(options: ResponsesAnswerOptions, sources: AnswerSources): ResponsesAnswer {
  const making = openMaking(options, sources);
  return {
    push: (event) => pushEvent(making, event),
    fail: (error) => failResponse(making, error),
    retract: (error) => retractEnd(making, error),
    cancel: () => cancelResponse(making),
    keepAlive: () => keepAliveFrame(making),
    object: () => responseObject(making),
  };
}

// What the methods of `Answer` promise, of a response that is being made.

export function pushEvent(making: Making, event: TurnEvent): Frame[] {
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
      return making.form.compacts ? closeItem(making, 'completed') : beginReasoning(making);
    case 'text-start':
      return beginText(making, event.phase);
    case 'tool-call-start': {
      const { callId, tool } = event;
      return beginCall(making, callId, tool);
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
        completed_at: cutOff ? null : now(making),
        incomplete_details: cutOff ? { reason: 'max_output_tokens' } : null,
        output: making.done,
        usage: responseUsage(event.usage),
      };
      frames.push(emitResponse(making, cutOff ? 'response.incomplete' : 'response.completed'));
      return frames;
    }
  }
}

export function failResponse(making: Making, error: GatewayError): Frame[] {
  if (making.phase === 'over') return [];
  return [...breakOff(making), failed(making, error)];
}

/** The response has ended, but must not have: its last frame was never sent. */
export function retractEnd(making: Making, error: GatewayError): Frame[] {
  // The terminal event's number is free again.
  making.sequence -= 1;
  return [failed(making, error)];
}

export function cancelResponse(making: Making): Frame[] {
  if (making.phase === 'over') return [];
  const frames = breakOff(making);
  making.state = { ...making.state, status: 'cancelled', output: outputSoFar(making, 'incomplete') };
  frames.push(emitResponse(making, 'response.incomplete'));
  return frames;
}

export function keepAliveFrame(making: Making): Frame {
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

/** `response.created`, unless it has been sent. */
function created(making: Making, status: 'queued' | 'in_progress'): Frame[] {
  making.state = { ...making.state, status };
  return making.sequence === 0 ? [emitResponse(making, 'response.created')] : [];
}

/** What comes before the event of an end that is none of the turn's own. */
function breakOff(making: Making): Frame[] {
  const frames = created(making, 'in_progress');
  if (making.ended) frames.push(...closeItem(making, 'completed'));
  making.phase = 'over';
  return frames;
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

function begin(making: Making, newId: () => string, kind: OutputItem['kind']): Frame[] {
  const frames = closeItem(making, 'completed');
  const position = making.done.length;
  const open = openItem(newId(), position, kind);
  making.open = open;
  making.ended = false;
  const item = openObject(making, open, 'in_progress');
  frames.push(
    emit(making, { type: 'response.output_item.added', output_index: position, item }),
    ...beginItem(open).map((body) => emit(making, body)),
  );
  return frames;
}

function beginReasoning(making: Making): Frame[] {
  const { asSummary, sealed } = making.form;
  return begin(making, () => nextId(making, 'rs'), { type: 'reasoning', asSummary, sealed });
}

function beginText(making: Making, phase: 'commentary' | 'final' | 'summary'): Frame[] {
  const { form, jsonContent } = making;
  if (phase === 'summary') return beginCompaction(making);
  if (form.compacts) return phase === 'commentary' ? closeItem(making, 'completed') : beginCompaction(making);
  if (phase === 'commentary' && jsonContent) return beginReasoning(making);
  return begin(making, () => nextId(making, 'msg'), { type: 'message', phase });
}

function beginCompaction(making: Making): Frame[] {
  return begin(making, () => nextId(making, 'cmp'), { type: 'compaction' });
}

function beginCall(making: Making, callId: string, tool: ToolReference): Frame[] {
  // Before what was open is closed and maybe sealed, unlike other items' ids: scripts that are stored have it there.
  const id = nextId(making, tool.type === 'function' ? 'fc' : 'ctc');
  return begin(making, () => id, { type: 'call', callId, tool });
}

function end(making: Making): Frame[] {
  making.ended = true;
  const { open } = making;
  return open === null ? [] : endItem(open).map((body) => emit(making, body));
}

function closeItem(making: Making, status: 'completed' | 'incomplete'): Frame[] {
  if (making.open === null) return [];
  const item = openObject(making, making.open, status);
  const frame = emit(making, { type: 'response.output_item.done', output_index: making.done.length, item });
  making.done.push(item);
  making.open = null;
  return [frame];
}

function delta(making: Making, text: string): Frame[] {
  const { open, form } = making;
  if (open === null) return [];
  const { event, data } = addDelta(open, text, making.sequence++);
  return [{ event, data: form.obfuscates ? obfuscated(data) : data }];
}

/** Codex waits as long as a rate limit's message tells it to. */
function failureMessage(error: GatewayError): string {
  if (failures[error.code].failedCode !== 'rate_limit_exceeded' || error.retryAfter === null) return error.message;
  return `${error.message} Please try again in ${error.retryAfter}s.`;
}
