import type { Answer, Frame } from '../core/dialect.ts';
import type { TurnEvent } from '../core/event.ts';
import { asGatewayError, GatewayError } from '../core/errors.ts';

/** Where the frames of a stream go. */
export type Outlet = {
  /** Sends frames, in one write; none: there will be some. False: `drained` is to be awaited before there are more. */
  write(frames: readonly Frame[]): boolean;
  /** Resolves when there is room, or nobody is there any more; who doesn't read at all is given up. */
  drained(): Promise<void>;
  /** Nobody is there any more. */
  isGone(): boolean;
  /** Sends a sign of life, if there is room for it. */
  keepAlive(frame: () => Frame): void;
};

export type StreamedAnswer = {
  readonly outlet: Outlet;
  readonly answer: Answer;
  /** The turn's first batch, and those behind it. */
  readonly first: readonly TurnEvent[];
  readonly rest: AsyncIterator<readonly TurnEvent[], unknown>;
  /** Is told of every batch before it is sent. */
  readonly note: (batch: readonly TurnEvent[]) => void;
  /**
   * Makes the answer durable; null: it is not kept. It is called once, when the answer is at its end and before the
   * client is told so; an answer that can't be kept has failed.
   */
  readonly keep: (() => Promise<void>) | null;
  /** Milliseconds of silence after which a keep-alive frame is sent; null: none is. */
  readonly keepAliveInterval: number | null;
};

/**
 * Streams an answer: everything of one batch leaves in one write, since the write is what costs.
 *
 * Waits for a slow client before it takes the next batch. Returns when the stream has ended, the client has left, or the
 * turn has failed; the error is returned after the dialect's own failure event has been sent.
 */
export async function streamAnswer(streamed: StreamedAnswer): Promise<GatewayError | null> {
  const { outlet, answer, rest, note, keep, keepAliveInterval } = streamed;
  let keepAlive: NodeJS.Timeout | null = null;
  const stopKeepAlive = (): void => {
    if (keepAlive !== null) clearTimeout(keepAlive);
    keepAlive = null;
  };
  if (keepAliveInterval !== null) {
    keepAlive = setTimeout(() => {
      outlet.keepAlive(() => answer.keepAlive());
      keepAlive?.refresh();
    }, keepAliveInterval);
  }
  let failure: GatewayError | null = null;

  const write = (frames: readonly Frame[]): boolean => {
    if (frames.length > 0) keepAlive?.refresh();
    return outlet.write(frames);
  };

  /** Writes what a batch says. Not in the loop, which waits for long: its variables would keep the text meanwhile. */
  const take = (batch: readonly TurnEvent[]): boolean => {
    note(batch);
    return write(batch.length === 1 ? answer.push(batch[0]!) : batch.flatMap((event) => answer.push(event)));
  };

  /** Writes what the last batch says, once the answer is kept. */
  const takeLast = async (batch: readonly TurnEvent[]): Promise<boolean> => {
    note(batch);
    stopKeepAlive();
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
      if (!isRead) await outlet.drained();
      if (outlet.isGone() && !isOver) throw new GatewayError('request_cancelled', 'The client closed the connection.');
    }
  } catch (thrown) {
    failure = asGatewayError(thrown);
    const frames = answer.fail(failure);
    // Two failures at once: the client gets to know of the first, and would learn of the second by asking again.
    await failureOf(keep);
    if (!write(frames)) await outlet.drained();
  } finally {
    stopKeepAlive();
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
