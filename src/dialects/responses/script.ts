import type { Frame } from '../../core/dialect.ts';
import { GatewayError } from '../../core/errors.ts';
import type { FailureCode } from '../../core/errors.ts';
import type { TurnEvent } from '../../core/event.ts';
import { jsonLine } from '../json-line.ts';
import { openMaking, responseObject } from './making.ts';
import type { AnswerForm, AnswerSources, Making, ResponsesAnswerOptions } from './making.ts';
import type { requestFields } from './response.ts';
import { cancelResponse, failResponse, keepAliveFrame, pushEvent, retractEnd } from './to-stream.ts';
import type { ResponsesAnswer } from './to-stream.ts';

/**
 * The script of an answer: everything that made it, so that its stream can be made again, event by event. An answer is
 * pure but for ids, times and seals, so what it was told and what it was given say it all. Lines of JSON, each an `Act`.
 */
type Act = {
  /** In the first act, how the answer is shaped. */
  readonly form?: AnswerForm;
  /** What the answer asked for, ids, times and seals, in the order in which it asked. */
  readonly given: readonly (string | number)[];
  /** What the answer was told; a text is a delta. */
  readonly told: readonly (string | Told)[];
};

type Delta = Extract<TurnEvent, { type: 'reasoning-delta' | 'text-delta' | 'tool-call-delta' }>;
type BlockEnd = Extract<TurnEvent, { type: 'reasoning-end' | 'text-end' | 'tool-call-end' }>;

type Told =
  | Exclude<TurnEvent, Delta | BlockEnd>
  /** Its text is that of the deltas before it. */
  | { readonly type: BlockEnd['type'] }
  | { readonly type: 'keep-alive' }
  | { readonly type: 'cancelled' }
  | {
      readonly type: 'failed';
      readonly code: FailureCode;
      readonly message: string;
      readonly retryAfter: number | null;
    };

export type RecordedAnswer = ResponsesAnswer & {
  /** What has been added to the script since this was last called: whole lines, or nothing. */
  takeScript(): string;
};

/**
 * An answer whose script is kept.
 *
 * @param merging takes the deltas of a block as one, for a client that never saw them apart.
 */
export function recordAnswer(
  options: ResponsesAnswerOptions,
  sources: AnswerSources,
  merging: boolean,
): RecordedAnswer {
  return recordedAnswer(openRecording(options, sources, merging));
}

/** A response that is being made, and what it was told; what it was given it knows itself. */
type Recording = {
  readonly making: Making;
  readonly merging: boolean;
  /** Acts have been taken. */
  begun: boolean;
  told: (string | Told)[];
};

function openRecording(options: ResponsesAnswerOptions, sources: AnswerSources, merging: boolean): Recording {
  const making = openMaking(options, sources);
  making.given = [];
  return { making, merging, begun: false, told: [] };
}

function recordedAnswer(recording: Recording): RecordedAnswer {
  return {
    push(event) {
      note(recording, event);
      return pushEvent(recording.making, event);
    },
    retract: (error) => retractEnd(recording.making, error),
    object: () => responseObject(recording.making),
    fail(error) {
      const { code, message, retryAfter } = error;
      recording.told.push({ type: 'failed', code, message, retryAfter });
      return failResponse(recording.making, error);
    },
    cancel() {
      recording.told.push({ type: 'cancelled' });
      return cancelResponse(recording.making);
    },
    keepAlive() {
      recording.told.push({ type: 'keep-alive' });
      return keepAliveFrame(recording.making);
    },
    takeScript: () => takeScript(recording),
  };
}

function note({ told, merging }: Recording, event: TurnEvent): void {
  const entry = entryOf(event);
  const last = told.length - 1;
  if (merging && typeof entry === 'string' && typeof told[last] === 'string') told[last] += entry;
  else told.push(entry);
}

function takeScript(recording: Recording): string {
  const { making, begun, told } = recording;
  if (told.length === 0) return '';
  const act: Act = { ...(begun ? {} : { form: making.form }), given: making.given ?? [], told };
  recording.begun = true;
  recording.told = [];
  making.given = [];
  return `${jsonLine(act)}\n`;
}

function entryOf(event: TurnEvent): string | Told {
  switch (event.type) {
    case 'reasoning-delta':
    case 'text-delta':
    case 'tool-call-delta':
      return event.text;
    case 'reasoning-end':
    case 'text-end':
    case 'tool-call-end':
      return { type: event.type };
    case 'turn-queued':
    case 'turn-start':
    case 'reasoning-start':
    case 'text-start':
    case 'tool-call-start':
    case 'turn-end':
      return event;
  }
}

/** A response that a script was kept of, as it is stored. */
export type ScriptedResponse = { readonly [field: string]: unknown };

/** An answer being made again. */
export type Replay = {
  /** Grows with what is performed, and may be told more than the script has. */
  readonly answer: RecordedAnswer;
  /** The frames that lines of the script make, in order; the next lines may come later. To be gone through to its end. */
  perform(script: string): Generator<readonly Frame[], void, undefined>;
};

/**
 * Makes an answer again from its script, with the same ids and numbers.
 *
 * @param sources are for what the answer asks for beyond the script.
 */
export function replayAnswer(response: ScriptedResponse, sources: AnswerSources): Replay {
  let given: readonly (string | number)[] = [];
  let at = 0;
  const recording = openRecording(
    optionsOf(response),
    {
      ids: { next: (prefix) => (at < given.length ? String(given[at++]) : sources.ids.next(prefix)) },
      now: () => (at < given.length ? Number(given[at++]) * 1000 : sources.now()),
      seal: (kind, text) => (at < given.length ? String(given[at++]) : sources.seal(kind, text)),
    },
    false,
  );
  const answer = recordedAnswer(recording);
  const performEntry = createPerformer(answer);

  function* perform(script: string): Generator<readonly Frame[], void, undefined> {
    for (let from = 0; from < script.length;) {
      const to = script.indexOf('\n', from);
      const act = JSON.parse(script.slice(from, to)) as Act;
      from = to + 1;
      recording.making.form = act.form ?? recording.making.form;
      given = act.given;
      at = 0;
      for (const entry of act.told) yield performEntry(entry);
      // What it is told next is to be a script of its own.
      answer.takeScript();
    }
  }

  return { answer, perform };
}

/** Tells an answer what a script says. */
function createPerformer(answer: ResponsesAnswer): (entry: string | Told) => readonly Frame[] {
  let delta: Delta['type'] = 'text-delta';
  let text = '';
  function begin(type: Delta['type']): void {
    delta = type;
    text = '';
  }
  return (entry) => {
    if (typeof entry === 'string') {
      text += entry;
      return answer.push({ type: delta, text: entry });
    }
    switch (entry.type) {
      case 'reasoning-start':
        begin('reasoning-delta');
        return answer.push(entry);
      case 'text-start':
        begin('text-delta');
        return answer.push(entry);
      case 'tool-call-start':
        begin('tool-call-delta');
        return answer.push(entry);
      case 'reasoning-end':
      case 'text-end':
        return answer.push({ type: entry.type, text });
      case 'tool-call-end':
        return answer.push({ type: entry.type, input: text });
      case 'turn-queued':
      case 'turn-start':
      case 'turn-end':
        return answer.push(entry);
      case 'keep-alive':
        return [answer.keepAlive()];
      case 'cancelled':
        return answer.cancel();
      case 'failed':
        return answer.fail(new GatewayError(entry.code, entry.message, retryOf(entry.retryAfter)));
    }
  };
}

function retryOf(retryAfter: number | null) {
  return retryAfter === null ? {} : { retryAfter };
}

/** What an answer was made of, from what is left in its object. */
function optionsOf(response: ScriptedResponse): ResponsesAnswerOptions {
  const { id, object: _object, created_at, ...rest } = response;
  const { status: _status, completed_at: _completed, error: _error, incomplete_details: _details, ...others } = rest;
  const {
    output: _output,
    usage: _usage,
    ...request
  } = others as ReturnType<typeof requestFields> & {
    readonly output: unknown;
    readonly usage: unknown;
  };
  return {
    id: id as string,
    createdAt: created_at as number,
    request,
    jsonContent: request.text.format.type !== 'text',
    // The script says it.
    form: { asSummary: false, sealed: false, compacts: false, obfuscates: false },
  };
}
