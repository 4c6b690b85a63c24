import { setImmediate } from 'node:timers/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Answer, Exchange } from '../core/dialect.ts';
import { asGatewayError, GatewayError } from '../core/errors.ts';
import type { TurnEvent } from '../core/event.ts';
import type { Clock } from '../core/ids.ts';
import { followTurn } from '../core/turn-report.ts';
import type { TurnFollower, TurnObserver } from '../core/turn-report.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { runExchange } from '../gateway/exchange-run.ts';
import type { KeyLimits } from './key-limits.ts';
import type { OpenRequests } from './open-requests.ts';
import type { KeyOf } from './plugins/api-keys.ts';
import type { Recorder } from '../recording/recorder.ts';
import { logTurn } from './turn-log.ts';
import { createEventOutlet } from './sse.ts';
import type { StreamOptions } from './sse.ts';
import { streamAnswer } from './stream-answer.ts';

export type AnswerRouteOptions = {
  readonly gateway: Gateway;
  readonly clock: Clock;
  readonly requests: OpenRequests;
  readonly stream: StreamOptions;
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
  // Not awaited: a stream may last for long, and nothing that was needed to begin it is to last as long.
  return answerOpened(begin(options, opened, request, reply), reply, options.stream);
}

/** An answer that is being made. It is kept as long as a stream lasts: nothing in it is as large as the request. */
type Running = {
  readonly stream: boolean;
  readonly answer: Answer;
  readonly batches: AsyncIterator<readonly TurnEvent[], unknown>;
  readonly keep: Opened['keep'];
  readonly follower: TurnFollower;
  /** To be called when the request has been answered, however it was. */
  ended(): void;
};

function begin(options: AnswerRouteOptions, opened: Opened, request: FastifyRequest, reply: FastifyReply): Running {
  const { exchange, keep } = opened;
  const { id, log } = request;
  const path = request.routeOptions.url!;
  const key = options.keyOf(request);
  // Once more: others of the same key may have come in while this one was on its way.
  options.keyLimits.checkTurns(key);
  const answer = exchange.answer();
  const recording = options.recorder?.begin({ id, path, body: request.body }) ?? null;
  request.body = undefined;
  const follower = followTurn({
    id,
    route: path,
    key,
    exchange,
    traceparent: headerOf(request, 'traceparent'),
    clock: options.clock,
    observers: options.observers,
  });
  options.logged.add(request);
  const signal = options.requests.signalOf(reply);
  const hooks = { tap: recording?.tap };
  return {
    stream: exchange.stream,
    answer: recording?.answer(answer) ?? answer,
    batches: runExchange(options.gateway, exchange, signal, hooks)[Symbol.asyncIterator](),
    keep,
    follower,
    ended() {
      follower.ended();
      recording?.ended(follower.report);
      logTurn(log, follower.report);
    },
  };
}

async function answerOpened(running: Running, reply: FastifyReply, options: StreamOptions): Promise<unknown> {
  const { follower, ended } = running;
  try {
    return running.stream ? await answerStream(running, reply, options) : await answerWhole(running);
  } catch (thrown) {
    const error = asGatewayError(thrown);
    follower.failed(error);
    throw error;
  } finally {
    ended();
  }
}

function headerOf({ headers }: FastifyRequest, name: string): string | null {
  const value = headers[name];
  return typeof value === 'string' ? value : null;
}

async function answerWhole({ batches, answer, keep, follower }: Running): Promise<unknown> {
  for (let next = await batches.next(); next.done !== true; next = await batches.next()) {
    follower.note(next.value);
    for (const event of next.value) answer.push(event);
  }
  const object = answer.object();
  await keep?.(object);
  return object;
}

async function answerStream(running: Running, reply: FastifyReply, options: StreamOptions): Promise<undefined> {
  const { batches, answer, keep, follower } = running;
  // What fails before the first batch throws here, where there still is a status to say it with.
  const first = await batches.next();
  if (first.done === true) throw new GatewayError('internal_error', 'The turn ended before it began.');
  reply.hijack();
  const failure = await streamAnswer({
    outlet: createEventOutlet(reply, options),
    answer,
    first: first.value,
    rest: batches,
    keepAliveInterval: options.keepAliveInterval,
    note: follower.note,
    keep: keep === null ? null : () => keep(answer.object()),
  });
  if (failure !== null) follower.failed(failure);
}
