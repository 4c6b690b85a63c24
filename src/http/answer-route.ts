import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Exchange } from '../core/dialect.ts';
import { asGatewayError, GatewayError } from '../core/errors.ts';
import type { TurnEvent } from '../core/event.ts';
import type { Clock } from '../core/ids.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { Departures } from './departures.ts';
import { createTurnLog } from './turn-log.ts';
import { streamAnswer } from './sse.ts';
import type { StreamOptions } from './sse.ts';

export type AnswerRouteOptions = {
  readonly gateway: Gateway;
  readonly clock: Clock;
  readonly departures: Departures;
  readonly stream: StreamOptions;
  /** Gets the requests that have their line in the log. */
  readonly logged: WeakSet<FastifyRequest>;
};

/** A request that was understood, and what is to be done with its answer. */
export type Opened = {
  readonly exchange: Exchange;
  /** Makes the answer, as it is given, durable; null: it is not kept. */
  readonly keep: ((answer: unknown) => Promise<void>) | null;
};

/**
 * Answers a request of a dialect, streamed or in one piece. An answer that is kept is durable before the client is told
 * that it is complete.
 *
 * What fails before the first event is an error with its HTTP status, also for a client that wants a stream.
 */
export async function answerRequest(
  { gateway, clock, departures, stream, logged }: AnswerRouteOptions,
  open: (body: unknown) => Promise<Opened>,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const { exchange, keep } = await open(request.body);
  const log = createTurnLog(exchange, clock);
  logged.add(request);
  const departure = departures.watch(reply.raw);
  try {
    const batches = log.watch(gateway.run(exchange.turn, departure.signal));
    const answer = exchange.answer();
    if (!exchange.stream) {
      for await (const batch of batches) for (const event of batch) answer.push(event);
      const object = answer.object();
      await keep?.(object);
      return object;
    }
    const begun = await begin(batches);
    reply.hijack();
    const failure = await streamAnswer(reply, answer, begun, stream, async () => keep?.(answer.object()));
    if (failure !== null) log.failed(failure);
    return undefined;
  } catch (thrown) {
    const error = asGatewayError(thrown);
    log.failed(error);
    throw error;
  } finally {
    departure.forget();
    log.write(request.log);
  }
}

/** Waits for the first batch, so that what fails before it throws here, and gives the whole sequence back. */
async function begin(batches: AsyncIterable<readonly TurnEvent[]>): Promise<AsyncIterable<readonly TurnEvent[]>> {
  const iterator = batches[Symbol.asyncIterator]();
  const first = await iterator.next();
  if (first.done === true) throw new GatewayError('internal_error', 'The turn ended before it began.');
  async function* all(first: readonly TurnEvent[]): AsyncGenerator<readonly TurnEvent[], void, undefined> {
    try {
      yield first;
      for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value;
    } finally {
      await iterator.return?.();
    }
  }
  return all(first.value);
}
