import type { BackendEvent, Session } from '../backends/backend.ts';
import type { GatewayError } from '../core/errors.ts';
import type { TurnEvent } from '../core/event.ts';
import type { LeaveSignal } from '../core/leave-signal.ts';
import { endOf, isOver, readBatch } from './answer-stage.ts';
import type { AnswerStage } from './answer-stage.ts';
import type { SessionWatch, Watched } from './session-watch.ts';
import { hear } from './thoughts.ts';
import type { Ear } from './thoughts.ts';

type Batch = readonly TurnEvent[];
type Result = IteratorResult<Batch, undefined>;
type SessionResult = IteratorResult<readonly BackendEvent[], unknown>;

/** A session whose events become those of its turn. */
export type SessionReader = {
  readonly session: Session;
  readonly stage: AnswerStage;
  readonly signal: LeaveSignal;
  /** Hears all that is said; null: nobody does. */
  readonly ear: Ear | null;
  readonly watch: SessionWatch;
  readonly watched: Watched;
  readonly onAbort: () => void;
  readonly onBatch: (next: SessionResult) => Result | Promise<Result>;
  readonly onFailure: (error: unknown) => Result;
  /** null: nothing of it is wanted any more. */
  events: AsyncIterator<readonly BackendEvent[], unknown> | null;
};

export type SessionReaderOptions = Pick<SessionReader, 'session' | 'stage' | 'signal' | 'ear' | 'watch'>;

/** A generator that ends by returning the session that it got under way; it returns nothing when it was left before. */
export type Attempt = AsyncIterator<Batch, SessionReader | undefined, undefined>;

/** How far an attempt has come. */
type Progress = {
  /** null: it has ended. */
  attempt: Attempt | null;
  reader: SessionReader | null;
  /** Nobody waits for it any more. */
  left: boolean;
};

/** Reads a session that ends with its turn, with whoever reads it, when the signal aborts, or when a limit passes. */
export function openReader({ session, stage, signal, ear, watch }: SessionReaderOptions): SessionReader {
  const reader: SessionReader = {
    session,
    stage,
    signal,
    ear,
    watch,
    watched: watch.begin(session),
    events: session.events[Symbol.asyncIterator](),
    onAbort: () => reader.session.abandon(reader.signal.reason as GatewayError),
    onBatch: (result) => told(reader, result) ?? goOn(reader),
    onFailure: (error) => failed(reader, error),
  };
  signal.addEventListener('abort', reader.onAbort);
  return reader;
}

/**
 * All that an attempt says: what the generator does, and then what the session does that it returns. One reader, who asks
 * for a batch when the one before has come.
 *
 * The second part is no generator. There is one for each open stream, and its frame would keep the turn and all that was
 * made of it; besides, each batch would cost two promises more.
 */
export function batchesOf(attempt: Attempt): AsyncIterable<Batch> {
  return { [Symbol.asyncIterator]: () => iterate({ attempt, reader: null, left: false }) };
}

function iterate(progress: Progress): AsyncIterator<Batch, undefined> {
  return {
    next() {
      if (progress.reader !== null) return pull(progress.reader);
      return progress.attempt === null ? Promise.resolve(over) : begin(progress, progress.attempt);
    },
    async return() {
      progress.left = true;
      await progress.attempt?.return?.();
      if (progress.reader !== null) await leave(progress.reader);
      return over;
    },
  };
}

async function begin(progress: Progress, attempt: Attempt): Promise<Result> {
  const result = await attempt.next();
  if (result.done !== true) return result;
  progress.attempt = null;
  const reader = result.value;
  if (reader === undefined) return over;
  progress.reader = reader;
  if (progress.left) await leave(reader);
  return pull(reader);
}

function pull(reader: SessionReader): Promise<Result> {
  return reader.events === null ? Promise.resolve(over) : reader.events.next().then(reader.onBatch, reader.onFailure);
}

/** Waits for a batch that something comes of. */
async function goOn(reader: SessionReader): Promise<Result> {
  for (;;) {
    if (reader.events === null) return over;
    let result: SessionResult;
    try {
      result = await reader.events.next();
    } catch (error) {
      return failed(reader, error);
    }
    const said = told(reader, result);
    if (said !== null) return said;
  }
}

/** What comes of a batch; null: nothing that is said. */
function told(reader: SessionReader, result: SessionResult): Result | null {
  const { stage, watch, watched, events } = reader;
  if (events === null) return over;
  try {
    if (result.done === true) return end(reader);
    watch.noteProgress(watched, result.value);
    const said = readBatch(stage, result.value);
    if (isOver(stage)) watch.endSoon(watched);
    return said.length === 0 ? null : say(reader, said);
  } catch (error) {
    return failed(reader, error);
  }
}

function failed(reader: SessionReader, error: unknown): Result {
  // A turn that is over can't fail any more, only go without the engine's own token counts.
  if (isOver(reader.stage)) return end(reader);
  stop(reader);
  throw error;
}

function end(reader: SessionReader): Result {
  stop(reader);
  return say(reader, endOf(reader.stage));
}

function say({ ear }: SessionReader, said: Batch): Result {
  if (ear !== null) hear(ear, said);
  return { done: false, value: said };
}

async function leave(reader: SessionReader): Promise<void> {
  const { events } = reader;
  stop(reader);
  await events?.return?.();
}

function stop(reader: SessionReader): void {
  reader.events = null;
  reader.watch.stop(reader.watched);
  reader.signal.removeEventListener('abort', reader.onAbort);
  reader.session.cancel();
}

const over: IteratorReturnResult<undefined> = { done: true, value: undefined };
