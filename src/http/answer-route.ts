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
import type { Departures } from './departures.ts';
import type { KeyLimits } from './key-limits.ts';
import type { KeyOf } from './plugins/api-keys.ts';
import type { Recorder, TurnRecorder } from '../recording/recorder.ts';
import { logTurn } from './turn-log.ts';
import { createEventOutlet } from './sse.ts';
import type { StreamOptions } from './sse.ts';
import { streamAnswer } from './stream-answer.ts';

export type AnswerRouteOptions = {
  readonly gateway: Gateway;
  readonly clock: Clock;
  readonly departures: Departures;
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
  const path = request.routeOptions.url!;
  const key = options.keyOf(request);
  // Once more: others of the same key may have come in while this one was on its way.
  options.keyLimits.checkTurns(key);
  const recording = options.recorder?.begin({ id: request.id, path, body: request.body }) ?? null;
  // A stream may last for long, and needs nothing of what it was asked for in this form.
  request.body = undefined;
  const follower = followTurn({
    id: request.id,
    route: path,
    key,
    exchange: opened.exchange,
    traceparent: headerOf(request, 'traceparent'),
    clock,
    observers: options.observers,
  });
  options.logged.add(request);
  const departure = options.departures.watch(reply.raw);
  try {
    const running = run(options.gateway, opened, departure.signal, recording);
    return running.stream
      ? await answerStream(running, follower, reply, options.stream)
      : await answerWhole(running, follower);
  } catch (thrown) {
    const error = asGatewayError(thrown);
    follower.failed(error);
    throw error;
  } finally {
    departure.forget();
    follower.ended();
    recording?.ended(follower.report);
    logTurn(request.log, follower.report);
  }
}

function headerOf({ headers }: FastifyRequest, name: string): string | null {
  const value = headers[name];
  return typeof value === 'string' ? value : null;
}

type Running = {
  readonly stream: boolean;
  readonly answer: Answer;
  readonly batches: AsyncIterator<readonly TurnEvent[], unknown>;
  readonly keep: Opened['keep'];
};

/** Not part of the above, whose variables live as long as the stream: the turn is as large as the request. */
function run(
  gateway: Gateway,
  { exchange, keep }: Opened,
  signal: AbortSignal,
  recording: TurnRecorder | null,
): Running {
  const batches = runExchange(gateway, exchange, signal, { tap: recording?.tap })[Symbol.asyncIterator]();
  const answer = exchange.answer();
  return { stream: exchange.stream, answer: recording?.answer(answer) ?? answer, batches, keep };
}

async function answerWhole({ batches, answer, keep }: Running, follower: TurnFollower): Promise<unknown> {
  for (let next = await batches.next(); next.done !== true; next = await batches.next()) {
    follower.note(next.value);
    for (const event of next.value) answer.push(event);
  }
  const object = answer.object();
  await keep?.(object);
  return object;
}

async function answerStream(
  { batches, answer, keep }: Running,
  follower: TurnFollower,
  reply: FastifyReply,
  options: StreamOptions,
): Promise<undefined> {
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
