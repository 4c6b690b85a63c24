import { asGatewayError, GatewayError } from '../../core/errors.ts';
import type { BackendEvent, Session, SessionRequest } from '../backend.ts';
import { createEventQueue } from '../event-queue.ts';
import type { Engine } from './engine.ts';
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

/** A session as the daemon knows it. */
type Sent = {
  readonly id: string;
  readonly at: number;
  readonly input: Input;
  readonly start: 'assistant' | 'final';
};

/** What only a session that was created can say. */
const needsCreated: ReadonlySet<DaemonMessage['type']> = new Set([
  'output_text.delta',
  'output_token_ids.delta',
  'output_item.done',
  'completed',
]);

/** A session from its request to its end, whatever the daemon does. See `Backend` for what it promises. */
export function openSession(asked: SessionRequest, engine: Engine, options: SessionOptions): Session {
  const { link } = engine;
  const queue = createEventQueue<BackendEvent>();
  /** What is asked for, until it can't be sent again: it holds the prompt, and the whole turn that this is made of. */
  let request: SessionRequest | null = asked;
  /** By which the daemon knows the session; null: it hasn't been sent. */
  let sent: Sent | null = null;
  /** Forms to try should the daemon refuse this one. */
  let others: readonly Input[] = [];
  let created = false;
  /** The daemon has said more than that it took the session. */
  let heard = false;
  /** Characters and token ids so far. A reader may be slower than the daemon, and what waits for it is kept. */
  let said = 0;
  let over = false;
  let cancelled = false;
  let watchdog: NodeJS.Timeout | undefined;
  let settleEnded!: (how: 'free' | 'lost') => void;
  const ended = new Promise<'free' | 'lost'>((resolve) => {
    settleEnded = resolve;
  });

  function finish(how: 'free' | 'lost', error: GatewayError | null): void {
    if (over) return;
    over = true;
    clearTimeout(watchdog);
    if (sent !== null) link.forget(sent.id);
    if (error === null) queue.end();
    else queue.fail(error);
    settleEnded(how);
  }

  function send(asked: SessionRequest, input: Input, id: string): void {
    sent = { id, at: options.elapsed(), input, start: startOf(asked, input) };
    if (others.length === 0) request = null;
    try {
      const tokens = input === 'tokens' ? asked.prefill : null;
      link.send(createMessage(asked, id, input, options), tokens, id, {
        message: onMessage,
        flush: queue.flush,
        broken: abandon,
        lost(error, daemon) {
          // A daemon that died took along what it had created. What it hadn't may have reached the next one.
          if (daemon === 'live' || !created) engine.lost(id);
          finish('lost', created ? error : notThere(error, options.service));
        },
      });
    } catch (error) {
      finish('lost', asGatewayError(error));
    }
  }

  engine.ready().then(
    ([input, ...more]) => {
      if (over || request === null) return;
      others = more;
      if (input !== 'tokens' && request.messages === null) return finish('free', rawRefused(input));
      send(request, input, request.id);
    },
    (error: GatewayError) => finish('lost', notThere(error, options.service)),
  );

  function cancel(): void {
    if (over || cancelled) return;
    cancelled = true;
    if (sent === null) {
      return finish('lost', new GatewayError('request_cancelled', 'The turn was cancelled before it began.'));
    }
    watch(sent.at);
    try {
      link.send(plainMessage('cancel', sent.id), null, sent.id, null);
    } catch {
      link.reset('A turn could not be cancelled; its connection was dropped.');
    }
  }

  /**
   * A daemon that doesn't end what it was asked to end would hold its engine for ever. While it reads a prompt it hears
   * no cancel, though, and a session that began on top of it would spoil both.
   */
  function watch(since: number): void {
    const prefillLeft = heard ? 0 : options.prefillGrace - (options.elapsed() - since);
    clearTimeout(watchdog);
    watchdog = setTimeout(
      () => {
        link.reset('The codexpc daemon did not stop a cancelled turn in time; its connection was dropped.');
      },
      Math.max(options.cancelGrace, prefillLeft),
    );
  }

  function abandon(error: GatewayError): void {
    queue.fail(error);
    cancel();
  }

  function output(event: BackendEvent, length: number): void {
    if (!heard) {
      heard = true;
      request = null;
      if (cancelled && sent !== null) watch(sent.at);
    }
    said += length;
    if (said <= options.longestOutput) return queue.add(event);
    abandon(new GatewayError('engine_error', 'The codexpc daemon said more than any answer can be long.'));
  }

  /** A turn begins with `created`: what comes before it has no place in the turn's stream, and no turn to be of. */
  function onMessage(message: DaemonMessage): void {
    if (created || !needsCreated.has(message.type)) return onMessageInOrder(message);
    const error = new GatewayError('engine_error', `The codexpc daemon sent ${message.type} before created.`);
    if (message.type === 'completed') finish('free', error);
    else abandon(error);
  }

  function onMessageInOrder(message: DaemonMessage): void {
    switch (message.type) {
      case 'created': {
        // Another form of the same request is the same session to whoever reads it.
        if (created) return;
        created = true;
        const tokens = options.askForTokens && message.features.includes('output_token_ids');
        return queue.add({ type: 'created', output: tokens ? 'tokens' : 'text', start: sent!.start });
      }
      case 'output_text.delta':
        return output({ type: 'text-delta', text: message.text }, message.text.length);
      case 'output_token_ids.delta': {
        const ids = tokenIds(message.tokens);
        return output({ type: 'token-delta', ids }, ids.length);
      }
      case 'output_item.done': {
        // The daemon's own answers to tool calls and its placeholders are not the model's words.
        if (message.item.type !== 'tool_call') return;
        const input = asText(message.item.input);
        return output({ type: 'tool-call', recipient: message.item.name, input }, input.length);
      }
      case 'metrics':
        return;
      case 'completed': {
        const { input_tokens: inputTokens, output_tokens: outputTokens } = message.token_usage;
        queue.add({ type: 'completed', usage: { inputTokens, outputTokens } });
        return finish('free', null);
      }
      case 'error':
        return onError(message);
      case 'health.ok':
      case 'handshake.ok':
      case 'handshake.error':
        return options.onOddity(`${message.type} for a session`);
    }
  }

  function onError(message: Extract<DaemonMessage, { type: 'error' }>): void {
    const [next, ...more] = others;
    const refused = message.code === 'engine_error' || message.code === 'bad_request';
    if (next === undefined || request === null || !refused || heard || cancelled)
      return finish('free', failureOf(message));
    options.onOddity(`${message.code} for a prompt as ${sent!.input}, which is tried as ${next}: ${message.message}`);
    link.forget(sent!.id);
    others = more;
    // The daemon forgets the refused session a moment after it says so: one of the same id would be forgotten with it.
    send(request, next, options.newRequestId());
  }

  return {
    events: queue.batches,
    ended,
    cancel,
    abandon,
  };
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
