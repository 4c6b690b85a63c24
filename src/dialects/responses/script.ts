import type { Frame } from '../../core/dialect.ts';
import { GatewayError } from '../../core/errors.ts';
import type { FailureCode } from '../../core/errors.ts';
import type { TurnEvent } from '../../core/event.ts';
import type { Ids } from '../../core/ids.ts';
import { jsonLine } from '../json-line.ts';
import type { requestFields } from './response.ts';
import { createResponsesAnswer } from './to-stream.ts';
import type { AnswerForm, AnswerSources, ResponsesAnswer, ResponsesAnswerOptions } from './to-stream.ts';

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
  create: (sources: AnswerSources) => ResponsesAnswer,
  form: AnswerForm,
  sources: AnswerSources,
  merging: boolean,
): RecordedAnswer {
  let begun = false;
  let given: (string | number)[] = [];
  let told: (string | Told)[] = [];
  function remember<Value extends string | number>(value: Value): Value {
    given.push(value);
    return value;
  }
  const answer = create({
    ids: { next: (prefix) => remember(sources.ids.next(prefix)) },
    now: () => remember(sources.now()),
    seal: (kind, text) => remember(sources.seal(kind, text)),
  });

  return {
    push(event) {
      const entry = entryOf(event);
      const last = told.length - 1;
      if (merging && typeof entry === 'string' && typeof told[last] === 'string') told[last] += entry;
      else told.push(entry);
      return answer.push(event);
    },
    retract: answer.retract,
    object: answer.object,
    fail(error) {
      told.push({ type: 'failed', code: error.code, message: error.message, retryAfter: error.retryAfter });
      return answer.fail(error);
    },
    cancel() {
      told.push({ type: 'cancelled' });
      return answer.cancel();
    },
    keepAlive() {
      told.push({ type: 'keep-alive' });
      return answer.keepAlive();
    },
    takeScript() {
      if (told.length === 0) return '';
      const act: Act = { ...(begun ? {} : { form }), given, told };
      begun = true;
      given = [];
      told = [];
      return `${jsonLine(act)}\n`;
    },
  };
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
  const ids: Ids = { next: (prefix) => (at < given.length ? String(given[at++]) : sources.ids.next(prefix)) };
  const now = () => (at < given.length ? Number(given[at++]) : sources.now());
  const seal: AnswerSources['seal'] = (kind, text) =>
    at < given.length ? String(given[at++]) : sources.seal(kind, text);
  let form: AnswerForm = { asSummary: false, sealed: false, compacts: false, obfuscates: false };
  const answer = recordAnswer(
    (sources) => createResponsesAnswer({ ...optionsOf(response), form: () => form, ...sources }),
    form,
    { ids, now, seal },
    false,
  );
  const performEntry = createPerformer(answer);

  function* perform(script: string): Generator<readonly Frame[], void, undefined> {
    for (let from = 0; from < script.length;) {
      const to = script.indexOf('\n', from);
      const act = JSON.parse(script.slice(from, to)) as Act;
      from = to + 1;
      form = act.form ?? form;
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
function optionsOf(response: ScriptedResponse): Omit<ResponsesAnswerOptions, keyof AnswerSources | 'form'> {
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
  };
}
