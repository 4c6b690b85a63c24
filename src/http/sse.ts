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

/** A frame as it goes over the wire. Data is one line by contract, so nothing in it can begin a field of its own. */
function formatFrame({ event, data }: Frame): string {
  if (data === null) return ': keep-alive\n\n';
  return event === null ? `data: ${data}\n\n` : `event: ${event}\ndata: ${data}\n\n`;
}

/**
 * Streams an answer: everything of one batch leaves in one write, since the write is what costs.
 *
 * Waits for a slow client before it takes the next batch, and gives up a client that doesn't read at all. Returns when
 * the stream has ended, the client has left, or the turn has failed; the error is returned after the dialect's own
 * failure event has been written. Ending the response is left to @fastify/sse.
 *
 * @param keep makes the answer durable. It is called once, when the answer is at its end and before the client is told
 *   so; an answer that can't be kept has failed.
 */
export async function streamAnswer(
  reply: FastifyReply,
  answer: Answer,
  batches: AsyncIterable<readonly TurnEvent[]>,
  options: StreamOptions,
  keep: () => Promise<void>,
): Promise<GatewayError | null> {
  const raw = reply.raw;
  // @fastify/sse says keep-alive to everybody.
  if (!raw.shouldKeepAlive) reply.header('connection', 'close');
  reply.sse.sendHeaders();
  const keepAlive = setTimeout(() => {
    if (!raw.writableNeedDrain && !raw.destroyed) raw.write(formatFrame(answer.keepAlive()));
    keepAlive.refresh();
  }, options.keepAliveInterval);
  let failure: GatewayError | null = null;
  let begun = false;

  const write = async (frames: readonly Frame[]): Promise<void> => {
    let text = '';
    for (const frame of frames) text += formatFrame(frame);
    if (raw.destroyed) return;
    // Headers leave with the first frame; when that is still to come, as in a queue, they go alone.
    if (text === '') return begun ? undefined : raw.flushHeaders();
    begun = true;
    keepAlive.refresh();
    if (!raw.write(text)) await drained(raw, options.stallTimeout);
  };

  try {
    for await (const batch of batches) {
      const frames = batch.flatMap((event) => answer.push(event));
      const isOver = batch.at(-1)?.type === 'turn-end';
      if (isOver) {
        const error = await failureOf(keep);
        if (error !== null) {
          failure = error;
          frames.splice(-1, 1, ...answer.retract(error));
        }
      }
      await write(frames);
      if (raw.destroyed) {
        if (isOver) break;
        throw new GatewayError('request_cancelled', 'The client closed the connection.');
      }
    }
  } catch (thrown) {
    failure = asGatewayError(thrown);
    const frames = answer.fail(failure);
    // Two failures at once: the client gets to know of the first, and would learn of the second by asking again.
    await failureOf(keep);
    await write(frames);
  } finally {
    clearTimeout(keepAlive);
  }
  return failure;
}

async function failureOf(work: () => Promise<void>): Promise<GatewayError | null> {
  try {
    await work();
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
