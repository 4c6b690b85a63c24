import type { Writable } from 'node:stream';
import type { WebSocket } from '@fastify/websocket';
import type { FastifyBaseLogger } from 'fastify';
import type { ApiKey } from '../core/api-keys.ts';
import { asGatewayError, errorEnvelope, GatewayError } from '../core/errors.ts';
import { runExchange } from '../gateway/exchange-run.ts';
import type { StoredItem } from '../store/store.ts';
import type { AnswerRouteOptions } from './answer-route.ts';
import { createConnectionMemory } from './connection-memory.ts';
import { leave } from './departures.ts';
import type { Departures } from './departures.ts';
import { readJson } from './json-body.ts';
import type { Keyring } from './keyring.ts';
import { openResponseRequest } from './open-response.ts';
import type { OpenOptions } from './open-response.ts';
import { parseSocketMessage } from './socket-message.ts';
import type { ResponseCreate } from './socket-message.ts';
import { createSocketOutlet } from './socket-outlet.ts';
import { firstBatch, streamAnswer } from './stream-answer.ts';
import { endLoggedTurn, followLoggedTurn } from './turn-log.ts';

export type ResponseSocketOptions = Omit<AnswerRouteOptions, 'logged' | 'keyOf' | 'requests'> &
  OpenOptions & {
    readonly departures: Departures;
    readonly keyring: Keyring;
    /** Largest message in bytes. */
    readonly bodyLimit: number;
  };

export type ResponseSocket = {
  /** Answers what it was asked, then closes. */
  finish(): void;
};

/** A client's connection. */
export type SocketClient = {
  readonly socket: WebSocket;
  readonly raw: Writable;
  /** Of the request that became the connection. */
  readonly id: string;
  /** The key that it brought; null: it needed none. */
  readonly key: ApiKey | null;
  readonly logger: FastifyBaseLogger;
};

/** OpenAI's limits of one connection: responses that were asked for and are not over, and named streams. */
const mostResponses = 16;
const mostStreams = 32;

/** What is remembered of a connection's conversations, in messages of the largest size. */
const rememberedMessages = 4;

/** "Going away", which clients take for a reason to connect again. */
const goingAway = 1001;

/**
 * Answers one WebSocket: requests of one stream one after another, those of several at the same time. Their answers are
 * the events of an HTTP stream, a message each; what fails before the first is an `error` event.
 */
export function serveSocket(options: ResponseSocketOptions, client: SocketClient): ResponseSocket {
  const { departures, bodyLimit, stream } = options;
  const { socket, raw, logger } = client;
  const memory = createConnectionMemory(rememberedMessages * bodyLimit);
  const departure = departures.enter();
  /** What each stream does last; null is the one without a name. */
  const streams = new Map<string | null, Promise<void>>();
  let reading: Promise<unknown> = Promise.resolve();
  /** Requests that have come and are not over. */
  let open = 0;
  let isFinishing = false;

  function send(event: object): void {
    if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(event));
  }

  function fail(thrown: unknown, streamId: string | null): void {
    const error = asGatewayError(thrown);
    if (error.status === 500) logger.error({ err: error.cause }, 'unexpected failure');
    const headers = error.retryAfter === null ? {} : { headers: { 'retry-after': String(error.retryAfter) } };
    send({
      type: 'error',
      status: error.status,
      error: { ...errorEnvelope(error).error, ...headers },
      // Codex looks for them here.
      ...headers,
      ...(streamId === null ? {} : { stream_id: streamId }),
    });
  }

  function closeWhenDone(): void {
    if (isFinishing && open === 0) socket.close(goingAway, 'The server is shutting down.');
  }

  /** @returns the turn that was asked for, to its end; null: it was answered at once. */
  async function receive(data: Buffer, isBinary: boolean): Promise<{ readonly ended: Promise<void> } | null> {
    if (isBinary) throw new GatewayError('unsupported_media_type', 'Send requests as text, not as binary messages.');
    const message = parseSocketMessage(await readJson(data));
    if (message.type === 'response.steer') {
      send(message.refusal);
      return null;
    }
    const { streamId } = message;
    if (streamId !== null && !streams.has(streamId) && streams.size - Number(streams.has(null)) >= mostStreams) {
      throw new GatewayError('invalid_value', `A connection has at most ${mostStreams} streams.`, {
        param: 'stream_id',
      });
    }
    const before = streams.get(streamId);
    const ended = (async () => {
      await before;
      await create(message, data.length).catch((thrown: unknown) => fail(thrown, streamId));
    })();
    streams.set(streamId, ended);
    return { ended };
  }

  /** Reads the next message when the one before it has been read, and has it answered. */
  async function take(data: Buffer, isBinary: boolean): Promise<void> {
    open += 1;
    const received = reading.then(() => receive(data, isBinary));
    reading = received.catch(() => {});
    try {
      const turn = await received;
      await turn?.ended;
    } catch (thrown) {
      fail(thrown, null);
    } finally {
      open -= 1;
      closeWhenDone();
    }
  }

  async function create({ body, generate, streamId }: ResponseCreate, size: number): Promise<void> {
    departure.throwIfAborted();
    const key = options.keyring.renew(client.key);
    const count = options.keyLimits.countRequest(key);
    if (count !== null && count.refusal !== null) throw count.refusal;
    const previous = body['previous_response_id'];
    const remembered = typeof previous === 'string' ? memory.find(previous) : null;
    const { exchange, keep, history } = await openResponseRequest(options, body, remembered);
    options.keyLimits.checkTurns(key);
    const answer = exchange.answer();
    const outlet = createSocketOutlet(socket, raw, streamId);
    const turn = followLoggedTurn({
      id: client.id,
      route: '/v1/responses',
      key,
      exchange,
      clock: options.clock,
      observers: options.observers,
      logger,
    });
    const asked = generate ? exchange : { ...exchange, prepares: true };
    const batches = runExchange(options.gateway, asked, departure)[Symbol.asyncIterator]();
    const first = await firstBatch(batches).catch((thrown: unknown) => {
      endLoggedTurn(turn, asGatewayError(thrown));
      throw thrown;
    });
    const failure = await streamAnswer({ outlet, answer, rest: batches, turn, keep, timing: stream }, first);
    if (failure !== null || keep !== null) return;
    const { id, output } = answer.object() as { readonly id: string; readonly output: readonly StoredItem[] };
    const said = [...exchange.input(), ...output];
    const { conversationKey } = exchange.turn;
    memory.keep({
      response: id,
      after: history,
      said,
      key: conversationKey,
      size: size + JSON.stringify(output).length,
    });
  }

  socket.on('message', (data: Buffer, isBinary: boolean) => {
    if (open >= mostResponses) {
      const message = `A connection has at most ${mostResponses} responses that are not over.`;
      return fail(new GatewayError('rate_limit_exceeded', message), null);
    }
    void take(data, isBinary);
  });
  watchLife(socket, stream);
  socket.on('close', () => {
    leave(departure);
    departures.forget(departure);
  });

  return {
    finish() {
      isFinishing = true;
      closeWhenDone();
    },
  };
}

/** Gives up a connection whose other end doesn't answer any more. */
function watchLife(socket: WebSocket, { keepAliveInterval, stallTimeout }: AnswerRouteOptions['stream']): void {
  let patience: NodeJS.Timeout | null = null;
  const ping = setInterval(() => {
    if (socket.readyState !== socket.OPEN) return;
    socket.ping();
    patience ??= setTimeout(() => socket.terminate(), stallTimeout);
  }, keepAliveInterval);
  const heard = () => {
    if (patience !== null) clearTimeout(patience);
    patience = null;
  };
  socket.on('pong', heard);
  socket.on('message', heard);
  socket.on('close', () => {
    clearInterval(ping);
    heard();
  });
}
