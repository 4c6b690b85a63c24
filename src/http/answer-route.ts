import { setImmediate } from 'node:timers/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Answer, Exchange } from '../core/dialect.ts';
import { asGatewayError } from '../core/errors.ts';
import type { GatewayError } from '../core/errors.ts';
import type { TurnEvent } from '../core/event.ts';
import type { Clock } from '../core/ids.ts';
import { noteBatch } from '../core/turn-report.ts';
import type { TurnObserver } from '../core/turn-report.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { runExchange } from '../gateway/exchange-run.ts';
import type { KeyLimits } from './key-limits.ts';
import type { OpenRequests } from './open-requests.ts';
import type { KeyOf } from './plugins/api-keys.ts';
import type { Recorder } from '../recording/recorder.ts';
import { createEventOutlet } from './sse.ts';
import type { StreamTiming } from './stream-answer.ts';
import { firstBatch, streamAnswer } from './stream-answer.ts';
import type { Outlet } from './stream-answer.ts';
import { endLoggedTurn, followLoggedTurn } from './turn-log.ts';
import type { LoggedTurn } from './turn-log.ts';

export type AnswerRouteOptions = {
  readonly gateway: Gateway;
  readonly clock: Clock;
  readonly requests: OpenRequests;
  readonly stream: StreamTiming;
  readonly observers: readonly TurnObserver[];
  readonly keyOf: KeyOf;
  readonly keyLimits: KeyLimits;
  /** Records turns whole; absent: nothing is recorded. */
  readonly recorder?: Recorder | undefined;
  /** Gets the requests that have their line in the log. */
  readonly logged: WeakSet<FastifyRequest>;
};

/** A request that was understood, and what is to be done with its answer. */
export type Opened = {
  readonly exchange: Exchange;
  /** Makes the answer, as it is given, durable; null: it is not kept. */
  readonly keep: ((answer: unknown) => Promise<void>) | null;
  /** Answers the request in place of what is done here; absent: it is done here. */
  readonly instead?: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;
};

/** Milliseconds of work after which others get their turn. */
const slice = 4;

/**
 * Answers a request of a dialect, streamed or in one piece. An answer that is kept is durable before the client is told
 * that it is complete.
 *
 * What fails before the first event is an error with its HTTP status, also for a client that wants a stream.
 */
export async function answerRequest(
  options: AnswerRouteOptions,
  open: (body: unknown) => Promise<Opened>,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const { clock } = options;
  const begun = clock.elapsed();
  const opened = await open(request.body);
  // What comes next is as much work again; others go first.
  if (clock.elapsed() - begun > slice) await setImmediate();
  if (opened.instead !== undefined) return opened.instead(request, reply);
  const running = begin(options, opened, request, reply);
  // Not awaited: nothing that was needed to begin an answer is to last as long as it does.
  return opened.exchange.stream ? beginStream(running, reply, options.stream) : answerWhole(running);
}

/** An answer that is being made. Nothing in it is as large as the request. */
type Running = {
  readonly answer: Answer;
  readonly batches: AsyncIterator<readonly TurnEvent[], unknown>;
  readonly keep: Opened['keep'];
  readonly turn: LoggedTurn;
};

function begin(options: AnswerRouteOptions, opened: Opened, request: FastifyRequest, reply: FastifyReply): Running {
  const { exchange, keep } = opened;
  const { id, log: logger } = request;
  const path = request.routeOptions.url!;
  const key = options.keyOf(request);
  // Once more: others of the same key may have come in while this one was on its way.
  options.keyLimits.checkTurns(key);
  const answer = exchange.answer();
  const recording = options.recorder?.begin({ id, path, body: request.body }) ?? null;
  request.body = undefined;
  const turn = followLoggedTurn({
    id,
    route: path,
    key,
    exchange,
    traceparent: headerOf(request, 'traceparent'),
    clock: options.clock,
    observers: recording === null ? options.observers : [...options.observers, { began() {}, ended: recording.ended }],
    logger,
  });
  options.logged.add(request);
  const signal = options.requests.signalOf(reply);
  return {
    answer: recording?.answer(answer) ?? answer,
    batches: runExchange(options.gateway, exchange, signal, { tap: recording?.tap })[Symbol.asyncIterator](),
    keep,
    turn,
  };
}

function headerOf({ headers }: FastifyRequest, name: string): string | null {
  const value = headers[name];
  return typeof value === 'string' ? value : null;
}

async function answerWhole({ batches, answer, keep, turn }: Running): Promise<unknown> {
  let failure: GatewayError | null = null;
  try {
    for (let next = await batches.next(); next.done !== true; next = await batches.next()) {
      noteBatch(turn, next.value);
      for (const event of next.value) answer.push(event);
    }
    const object = answer.object();
    await keep?.(object);
    return object;
  } catch (thrown) {
    failure = asGatewayError(thrown);
    throw failure;
  } finally {
    endLoggedTurn(turn, failure);
  }
}

/** Begins a stream, which then goes on by itself: nothing that waits for the route's handler is kept as long as it lasts. */
async function beginStream(running: Running, reply: FastifyReply, timing: StreamTiming): Promise<undefined> {
  const { batches, answer, keep, turn } = running;
  let first: readonly TurnEvent[];
  let outlet: Outlet;
  try {
    // What fails before the first batch throws here, where there still is a status to say it with.
    first = await firstBatch(batches);
    reply.hijack();
    outlet = createEventOutlet(reply);
  } catch (thrown) {
    const error = asGatewayError(thrown);
    endLoggedTurn(turn, error);
    throw error;
  }
  streamAnswer({ outlet, answer, rest: batches, turn, keep, timing }, first).catch((error: unknown) => {
    turn.logger.error({ err: error }, 'a stream could not be ended');
  });
}
