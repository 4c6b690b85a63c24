import type { Writable } from 'node:stream';
import type { Answer, Frame } from '../core/dialect.ts';
import type { TurnEvent } from '../core/event.ts';
import { asGatewayError, GatewayError } from '../core/errors.ts';
import { noteBatch } from '../core/turn-report.ts';
import { drained } from './drained.ts';
import { endLoggedTurn } from './turn-log.ts';
import type { LoggedTurn } from './turn-log.ts';

/** Where the frames of a stream go. */
export type Outlet = {
  /** What is written to; null: there is always room. */
  readonly raw: Writable | null;
  /** Sends frames, in one write; with none, it only says how things are. */
  write(frames: readonly Frame[]): OutletState;
  /** There is nothing more to come. */
  end(): void;
};

/** `full`: there should not be more until what is written to has been drained. `gone`: nobody is there any more. */
export type OutletState = 'open' | 'full' | 'gone';

export type StreamTiming = {
  /** Milliseconds without a write after which a keep-alive frame is sent. */
  readonly keepAliveInterval: number;
  /** Milliseconds a client may leave its receive buffer full before its connection is given up. */
  readonly stallTimeout: number;
};

export type StreamedAnswer = {
  readonly outlet: Outlet;
  readonly answer: Answer;
  /** The turn's batches behind the first. */
  readonly rest: AsyncIterator<readonly TurnEvent[], unknown>;
  /** Is told of every batch before it is sent, and of the end before the outlet is. */
  readonly turn: LoggedTurn;
  /**
   * Makes the answer durable, of which it gets the object; null: it is not kept. It is called once, when the answer is at
   * its end and before the client is told so; an answer that can't be kept has failed.
   */
  readonly keep: ((answer: unknown) => Promise<void>) | null;
  /** null: nobody reads who could be slow, or wants signs of life. */
  readonly timing: StreamTiming | null;
};

/** The turn's first batch. What fails before it throws here, where it can still be said in another way than by a stream. */
export async function firstBatch(batches: AsyncIterator<readonly TurnEvent[], unknown>): Promise<readonly TurnEvent[]> {
  const first = await batches.next();
  if (first.done === true) throw new GatewayError('internal_error', 'The turn ended before it began.');
  return first.value;
}

/**
 * Streams an answer: everything of one batch leaves in one write, since the write is what costs.
 *
 * Waits for a slow client before it takes the next batch. Resolves when the stream has ended, the client has left, or the
 * turn has failed; the error is returned after the dialect's own failure event has been sent. Rejects only for an observer
 * of turns that throws.
 *
 * @param first the turn's first batch.
 */
export function streamAnswer(streamed: StreamedAnswer, first: readonly TurnEvent[]): Promise<GatewayError | null> {
  const { outlet, answer, rest, turn, keep, timing } = streamed;
  const stream: Stream = { outlet, answer, rest, turn, keep, timing, batch: first, keepAlive: null, failure: null };
  if (timing !== null) stream.keepAlive = setTimeout(sendKeepAlive, timing.keepAliveInterval, stream);
  return send(stream);
}

/** A stream that is being sent. */
type Stream = StreamedAnswer & {
  /** What has come last and is to be written; null: there is nothing. */
  batch: readonly TurnEvent[] | null;
  /** null: no more keep-alive frames are sent. */
  keepAlive: NodeJS.Timeout | null;
  failure: GatewayError | null;
};

async function send(stream: Stream): Promise<GatewayError | null> {
  try {
    while (stream.batch !== null) {
      const isOver = isLast(stream.batch);
      let state = isOver ? await writeLast(stream, stream.batch) : writeBatch(stream, stream.batch);
      if (state === 'full') state = await room(stream);
      if (state === 'gone' && !isOver) throw new GatewayError('request_cancelled', 'The client closed the connection.');
      // What was said is not to be kept while more is waited for.
      stream.batch = null;
      stream.batch = batchOf(await stream.rest.next());
    }
  } catch (thrown) {
    stopKeepAlive(stream);
    stream.failure = asGatewayError(thrown);
    stream.failure = (await failureOf(writeFailure, stream)) ?? stream.failure;
  }
  stopKeepAlive(stream);
  const trouble = await failureOf(leaveTurn, stream);
  stream.failure ??= trouble;
  endLoggedTurn(stream.turn, stream.failure);
  stream.outlet.end();
  return stream.failure;
}

function batchOf(next: IteratorResult<readonly TurnEvent[], unknown>): readonly TurnEvent[] | null {
  return next.done === true ? null : next.value;
}

function isLast(batch: readonly TurnEvent[]): boolean {
  const last = batch.at(-1);
  return last?.type === 'turn-end' && last.more !== true;
}

function writeBatch(stream: Stream, batch: readonly TurnEvent[]): OutletState {
  const { answer, turn, outlet, keepAlive } = stream;
  noteBatch(turn, batch);
  const frames = batch.length === 1 ? answer.push(batch[0]!) : batch.flatMap((event) => answer.push(event));
  if (frames.length > 0) keepAlive?.refresh();
  return outlet.write(frames);
}

/** Writes what the last batch says, once the answer is kept. */
async function writeLast(stream: Stream, batch: readonly TurnEvent[]): Promise<OutletState> {
  const { answer, turn, outlet } = stream;
  noteBatch(turn, batch);
  stopKeepAlive(stream);
  const frames = batch.flatMap((event) => answer.push(event));
  const failure = await failureOf(keep, stream);
  stream.failure = failure;
  return outlet.write(failure === null ? frames : [...frames.slice(0, -1), ...answer.retract(failure)]);
}

/** Writes what ends a stream that can't go on. */
async function writeFailure(stream: Stream): Promise<void> {
  const frames = stream.answer.fail(stream.failure!);
  // Two failures at once: the client gets to know of the first, and would learn of the second by asking again.
  await failureOf(keep, stream);
  if (stream.outlet.write(frames) === 'full') await room(stream);
}

/** Waits for a slow client. */
async function room({ outlet, timing }: Stream): Promise<OutletState> {
  if (outlet.raw !== null && timing !== null) await drained(outlet.raw, timing.stallTimeout);
  return outlet.write([]);
}

function sendKeepAlive({ outlet, answer, keepAlive }: Stream): void {
  if (outlet.write([]) === 'open') outlet.write([answer.keepAlive()]);
  keepAlive?.refresh();
}

function stopKeepAlive(stream: Stream): void {
  if (stream.keepAlive !== null) clearTimeout(stream.keepAlive);
  stream.keepAlive = null;
}

async function keep({ answer, keep }: Stream): Promise<void> {
  await keep?.(answer.object());
}

/** What the turn holds is given back, also when it has not come to its end. */
async function leaveTurn({ rest }: Stream): Promise<void> {
  await rest.return?.();
}

async function failureOf(work: (stream: Stream) => unknown, stream: Stream): Promise<GatewayError | null> {
  try {
    await work(stream);
    return null;
  } catch (thrown) {
    return asGatewayError(thrown);
  }
}
