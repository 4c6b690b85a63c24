import { asGatewayError, GatewayError } from '../../core/errors.ts';
import type { BackendEvent, OnFree, Session, SessionRequest } from '../backend.ts';
import { addEvent, batchesOf, endQueue, failQueue, flushQueue, openQueue } from '../event-queue.ts';
import type { EventQueue } from '../event-queue.ts';
import type { Engine } from './engine.ts';
import type { LinkEvent, Receiver } from './link.ts';
import { createMessage, plainMessage, tokenIds } from './wire.ts';
import type { DaemonMessage, Input } from './wire.ts';

export type SessionOptions = {
  readonly service: string;
  /** Ask the daemon for token ids; a daemon that can't send them sends text as ever. */
  readonly askForTokens: boolean;
  /** Milliseconds that a cancelled session may take to end before its connection is dropped. */
  readonly cancelGrace: number;
  /** Milliseconds that reading a prompt may take, in which the daemon hears no cancel. */
  readonly prefillGrace: number;
  /** Characters and token ids that a session may say; far more than any model's context holds. */
  readonly longestOutput: number;
  /** Monotonic milliseconds. */
  readonly elapsed: () => number;
  readonly newRequestId: () => string;
  /** Told of what is odd but harmless. */
  readonly onOddity: (what: string) => void;
};

/** A session as long as it lasts. There may be many: it is a record, and functions that take it. */
type OpenSession = {
  readonly engine: Engine;
  readonly options: SessionOptions;
  readonly queue: EventQueue<BackendEvent>;
  /** By which the daemon knows it; null: it hasn't been sent. */
  sent: Sent | null;
  /** What to send should the daemon refuse what was sent; null: nothing, or it is too late. */
  again: Form | null;
  created: boolean;
  /** The daemon has said more than that it took the session. */
  heard: boolean;
  /** Characters and token ids so far. A reader may be slower than the daemon, and what waits for it is kept. */
  said: number;
  over: boolean;
  cancelled: boolean;
  watchdog: NodeJS.Timeout | null;
  readonly onFree: OnFree;
  readonly receiver: Receiver;
};

/** A session as the daemon knows it. */
type Sent = {
  readonly id: string;
  readonly at: number;
  readonly input: Input;
  readonly start: 'assistant' | 'final';
};

/** What is asked for in a form, and the forms to try behind it. It holds the prompt, and the turn that this is made of. */
type Form = { readonly request: SessionRequest; readonly input: Input; readonly others: readonly Input[] };

/** What only a session that was created can say. */
const needsCreated: ReadonlySet<DaemonMessage['type']> = new Set([
  'output_text.delta',
  'output_token_ids.delta',
  'output_item.done',
  'completed',
]);

/** A session from its request to its end, whatever the daemon does. See `Backend` for what it promises. */
export function openSession(request: SessionRequest, onFree: OnFree, engine: Engine, options: SessionOptions): Session {
  const open: OpenSession = {
    engine,
    options,
    onFree,
    queue: openQueue(),
    sent: null,
    again: null,
    created: false,
    heard: false,
    said: 0,
    over: false,
    cancelled: false,
    watchdog: null,
    receiver: (happening) => hear(open, happening),
  };
  beginWhenReady(open, request);
  return {
    events: batchesOf(open.queue),
    cancel: () => cancel(open),
    abandon: (error) => abandon(open, error),
  };
}

/** Apart, so that nothing of a session keeps the request, which is large. */
function beginWhenReady(open: OpenSession, request: SessionRequest): void {
  open.engine.ready().then(
    ([input, ...others]) => {
      if (open.over) return;
      if (input !== 'tokens' && request.messages === null) return finish(open, 'free', rawRefused(input));
      send(open, { request, input, others }, request.id);
    },
    (error: GatewayError) => finish(open, 'lost', notThere(error, open.options.service)),
  );
}

function send(open: OpenSession, { request, input, others }: Form, id: string): void {
  const { engine, options } = open;
  const [next, ...rest] = others;
  open.again = next === undefined ? null : { request, input: next, others: rest };
  open.sent = { id, at: options.elapsed(), input, start: startOf(request, input) };
  try {
    const tokens = input === 'tokens' ? request.prefill : null;
    engine.link.send(createMessage(request, id, input, options), tokens, id, open.receiver);
  } catch (error) {
    finish(open, 'lost', asGatewayError(error));
  }
}

function finish(open: OpenSession, how: 'free' | 'lost', error: GatewayError | null): void {
  if (open.over) return;
  open.over = true;
  if (open.watchdog !== null) clearTimeout(open.watchdog);
  if (open.sent !== null) open.engine.link.forget(open.sent.id);
  if (error === null) endQueue(open.queue);
  else failQueue(open.queue, error);
  // Behind the reader, which a batch wakes by a promise.
  queueMicrotask(() => open.onFree(how));
}

function cancel(open: OpenSession): void {
  const { over, cancelled, sent, engine } = open;
  if (over || cancelled) return;
  open.cancelled = true;
  if (sent === null) {
    return finish(open, 'lost', new GatewayError('request_cancelled', 'The turn was cancelled before it began.'));
  }
  watch(open, sent);
  try {
    engine.link.send(plainMessage('cancel', sent.id), null, sent.id, null);
  } catch {
    engine.link.reset('A turn could not be cancelled; its connection was dropped.');
  }
}

/**
 * A daemon that doesn't end what it was asked to end would hold its engine for ever. While it reads a prompt it hears
 * no cancel, though, and a session that began on top of it would spoil both.
 */
function watch(open: OpenSession, { at }: Sent): void {
  const { options, engine } = open;
  const prefillLeft = open.heard ? 0 : options.prefillGrace - (options.elapsed() - at);
  if (open.watchdog !== null) clearTimeout(open.watchdog);
  open.watchdog = setTimeout(
    engine.link.reset,
    Math.max(options.cancelGrace, prefillLeft),
    'The codexpc daemon did not stop a cancelled turn in time; its connection was dropped.',
  );
}

function abandon(open: OpenSession, error: GatewayError): void {
  failQueue(open.queue, error);
  cancel(open);
}

function hear(open: OpenSession, happening: LinkEvent): void {
  switch (happening.type) {
    case 'message':
      return onMessage(open, happening.message);
    case 'read-end':
      return flushQueue(open.queue);
    case 'broken':
      return abandon(open, happening.error);
    case 'lost':
      return onLost(open, happening.error, happening.daemon);
  }
}

function onLost(open: OpenSession, error: GatewayError, daemon: 'dead' | 'live'): void {
  const { created, sent, engine, options } = open;
  // A daemon that died took along what it had created. What it hadn't may have reached the next one.
  if (daemon === 'live' || !created) engine.lost(sent!.id);
  finish(open, 'lost', created ? error : notThere(error, options.service));
}

/** A turn begins with `created`: what comes before it has no place in the turn's stream, and no turn to be of. */
function onMessage(open: OpenSession, message: DaemonMessage): void {
  if (open.created || !needsCreated.has(message.type)) return onMessageInOrder(open, message);
  const error = new GatewayError('engine_error', `The codexpc daemon sent ${message.type} before created.`);
  if (message.type === 'completed') finish(open, 'free', error);
  else abandon(open, error);
}

function onMessageInOrder(open: OpenSession, message: DaemonMessage): void {
  switch (message.type) {
    case 'created': {
      // Another form of the same request is the same session to whoever reads it.
      if (open.created) return;
      open.created = true;
      const tokens = open.options.askForTokens && message.features.includes('output_token_ids');
      return addEvent(open.queue, { type: 'created', output: tokens ? 'tokens' : 'text', start: open.sent!.start });
    }
    case 'output_text.delta':
      return output(open, { type: 'text-delta', text: message.text }, message.text.length);
    case 'output_token_ids.delta': {
      const ids = tokenIds(message.tokens);
      return output(open, { type: 'token-delta', ids }, ids.length);
    }
    case 'output_item.done': {
      // The daemon's own answers to tool calls and its placeholders are not the model's words.
      if (message.item.type !== 'tool_call') return;
      const input = asText(message.item.input);
      return output(open, { type: 'tool-call', recipient: message.item.name, input }, input.length);
    }
    case 'metrics':
      return;
    case 'completed': {
      const { input_tokens: inputTokens, output_tokens: outputTokens } = message.token_usage;
      addEvent(open.queue, { type: 'completed', usage: { inputTokens, outputTokens } });
      return finish(open, 'free', null);
    }
    case 'error':
      return onError(open, message);
    case 'health.ok':
    case 'handshake.ok':
    case 'handshake.error':
      return open.options.onOddity(`${message.type} for a session`);
  }
}

function output(open: OpenSession, event: BackendEvent, length: number): void {
  if (!open.heard) {
    open.heard = true;
    open.again = null;
    if (open.cancelled && open.sent !== null) watch(open, open.sent);
  }
  open.said += length;
  if (open.said <= open.options.longestOutput) return addEvent(open.queue, event);
  abandon(open, new GatewayError('engine_error', 'The codexpc daemon said more than any answer can be long.'));
}

function onError(open: OpenSession, message: Extract<DaemonMessage, { type: 'error' }>): void {
  const { again, sent, engine, options } = open;
  const refused = message.code === 'engine_error' || message.code === 'bad_request';
  if (again === null || sent === null || !refused || open.cancelled) return finish(open, 'free', failureOf(message));
  options.onOddity(
    `${message.code} for a prompt as ${sent.input}, which is tried as ${again.input}: ${message.message}`,
  );
  engine.link.forget(sent.id);
  // The daemon forgets the refused session a moment after it says so: one of the same id would be forgotten with it.
  send(open, again, options.newRequestId());
}

/** A raw prompt is tokens and nothing else. */
function rawRefused(input: Input): GatewayError {
  return new GatewayError(
    'unsupported_value',
    `Prompts go to this daemon as ${input} (docs/daemon.md), so a raw prompt can't; use chat completions or responses.`,
    { param: 'prompt' },
  );
}

/** Where the engine begins to sample with a prompt in this form. */
function startOf({ primeFinal }: SessionRequest, input: Input): 'assistant' | 'final' {
  switch (input) {
    case 'tokens':
      return primeFinal ? 'final' : 'assistant';
    case 'messages':
      return 'assistant';
    case 'conversation':
      return 'final';
  }
}

/** A connection that was lost before the daemon took the session: nothing was begun, so it may simply be tried again. */
function notThere(error: GatewayError, service: string): GatewayError {
  if (error.code !== 'backend_lost') return error;
  return new GatewayError(
    'backend_unavailable',
    `The codexpc daemon '${service}' is not running at the moment; launchd restarts it when it is installed as an agent.`,
    { cause: error, retryAfter: 1 },
  );
}

/** `input` is the text as sampled; only a placeholder's is a dictionary. */
function asText(input: unknown): string {
  return typeof input === 'string' ? input : JSON.stringify(input ?? '');
}

/** The daemon's error codes in ours. */
function failureOf(message: Extract<DaemonMessage, { type: 'error' }>): GatewayError {
  switch (message.code) {
    case 'over_capacity':
      return new GatewayError('rate_limit_exceeded', 'The codexpc daemon has no free session; try again shortly.', {
        retryAfter: 1,
      });
    case 'unsupported_protocol':
      return new GatewayError(
        'engine_error',
        `The codexpc daemon speaks another protocol version than this gateway: ${message.message}`,
      );
    default:
      return new GatewayError('engine_error', `The codexpc daemon reported ${message.code}: ${message.message}`);
  }
}
