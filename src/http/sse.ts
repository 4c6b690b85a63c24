import type { FastifyReply } from 'fastify';
import type { Answer, Frame } from '../core/dialect.ts';
import type { TurnEvent } from '../core/event.ts';
import { asGatewayError, GatewayError } from '../core/errors.ts';

export type StreamOptions = {
  /** Milliseconds without a write after which a keep-alive frame is sent. */
  readonly keepAliveInterval: number;
  /** Milliseconds a client may leave its receive buffer full before its connection is given up. */
  readonly stallTimeout: number;
};

/** Frames as they go over the wire. Data is one line by contract, so nothing in it can begin a field of its own. */
function formatFrames(frames: readonly Frame[]): string {
  let text = '';
  for (const { event, data } of frames) {
    if (data === null) text += ': keep-alive\n\n';
    else text += event === null ? `data: ${data}\n\n` : `event: ${event}\ndata: ${data}\n\n`;
  }
  return text;
}

export type StreamedAnswer = {
  readonly reply: FastifyReply;
  readonly answer: Answer;
  /** The turn's first batch, and those behind it. */
  readonly first: readonly TurnEvent[];
  readonly rest: AsyncIterator<readonly TurnEvent[], unknown>;
  /** Is told of every batch before it is written. */
  readonly note: (batch: readonly TurnEvent[]) => void;
  /**
   * Makes the answer durable; null: it is not kept. It is called once, when the answer is at its end and before the
   * client is told so; an answer that can't be kept has failed.
   */
  readonly keep: (() => Promise<void>) | null;
  readonly options: StreamOptions;
};

/**
 * Streams an answer: everything of one batch leaves in one write, since the write is what costs.
 *
 * Waits for a slow client before it takes the next batch, and gives up a client that doesn't read at all. Returns when
 * the stream has ended, the client has left, or the turn has failed; the error is returned after the dialect's own
 * failure event has been written. Ending the response is left to @fastify/sse.
 */
export async function streamAnswer(streamed: StreamedAnswer): Promise<GatewayError | null> {
  const { reply, answer, rest, note, keep, options } = streamed;
  const raw = reply.raw;
  // @fastify/sse says keep-alive to everybody.
  if (!raw.shouldKeepAlive) reply.header('connection', 'close');
  reply.sse.sendHeaders();
  const keepAlive = setTimeout(() => {
    if (!raw.writableNeedDrain && !raw.destroyed) raw.write(formatFrames([answer.keepAlive()]));
    keepAlive.refresh();
  }, options.keepAliveInterval);
  let failure: GatewayError | null = null;
  let begun = false;

  /** False: the client has to read before more is written. */
  const write = (frames: readonly Frame[]): boolean => {
    if (raw.destroyed) return true;
    // Headers leave with the first frame; when that is still to come, as in a queue, they go alone.
    if (frames.length === 0) {
      if (!begun) raw.flushHeaders();
      return true;
    }
    begun = true;
    keepAlive.refresh();
    return raw.write(formatFrames(frames));
  };

  /** Writes what a batch says. Not in the loop, which waits for long: its variables would keep the text meanwhile. */
  const take = (batch: readonly TurnEvent[]): boolean => {
    note(batch);
    return write(batch.length === 1 ? answer.push(batch[0]!) : batch.flatMap((event) => answer.push(event)));
  };

  /** Writes what the last batch says, once the answer is kept. */
  const takeLast = async (batch: readonly TurnEvent[]): Promise<boolean> => {
    clearTimeout(keepAlive);
    note(batch);
    const frames = batch.flatMap((event) => answer.push(event));
    failure = await failureOf(keep);
    return write(failure === null ? frames : [...frames.slice(0, -1), ...answer.retract(failure)]);
  };

  try {
    let next: IteratorResult<readonly TurnEvent[], unknown> = { value: streamed.first };
    for (; next.done !== true; next = await rest.next()) {
      const batch = next.value;
      const last = batch.at(-1);
      const isOver = last?.type === 'turn-end' && last.more !== true;
      const isRead: boolean = isOver ? await takeLast(batch) : take(batch);
      if (!isRead) await drained(raw, options.stallTimeout);
      if (raw.destroyed && !isOver) throw new GatewayError('request_cancelled', 'The client closed the connection.');
    }
  } catch (thrown) {
    failure = asGatewayError(thrown);
    const frames = answer.fail(failure);
    // Two failures at once: the client gets to know of the first, and would learn of the second by asking again.
    await failureOf(keep);
    if (!write(frames)) await drained(raw, options.stallTimeout);
  } finally {
    clearTimeout(keepAlive);
    await rest.return?.();
  }
  return failure;
}

async function failureOf(work: (() => Promise<void>) | null): Promise<GatewayError | null> {
  try {
    await work?.();
    return null;
  } catch (thrown) {
    return asGatewayError(thrown);
  }
}

/** Settles when the client has read on or has left; a client that does neither in time is cut off. */
function drained(raw: FastifyReply['raw'], timeout: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => raw.destroy(), timeout);
    const done = () => {
      clearTimeout(timer);
      raw.off('drain', done);
      raw.off('close', done);
      resolve();
    };
    raw.once('drain', done);
    raw.once('close', done);
  });
}
