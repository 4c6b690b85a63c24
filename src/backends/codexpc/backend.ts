import { GatewayError } from '../../core/errors.ts';
import { createEventQueue } from '../event-queue.ts';
import { createLink } from './link.ts';
import { createMessage, plainMessage, tokenIds } from './wire.ts';
import type { Backend, BackendEvent, Handshake, Session, SessionRequest } from '../backend.ts';
import type { ShimLibrary } from './library.ts';
import type { Link } from './link.ts';
import type { DaemonMessage } from './wire.ts';

export type CodexpcOptions = {
  readonly name: Backend['name'];
  readonly library: ShimLibrary;
  /** Mach service name of the daemon; a socket path for the stand-in. */
  readonly service: string;
  /** Ask the daemon for token ids; a daemon that can't send them sends text as ever. */
  readonly askForTokens: boolean;
  /** Milliseconds that a cancelled session may take to end before its connection is dropped. */
  readonly cancelGrace: number;
  readonly newRequestId: () => string;
  readonly onOddity: (what: string) => void;
};

/** The codexpc daemon as a backend. Each checkpoint has a connection of its own, so that dropping one hurts no other. */
export function createCodexpcBackend(options: CodexpcOptions): Backend {
  const { library, service, onOddity } = options;
  const links = new Map<string, Link>();
  /** Carries health and handshake. */
  const controlLink = createLink({ library, service, onOddity });

  function linkOf(checkpoint: string): Link {
    let link = links.get(checkpoint);
    if (link === undefined) {
      link = createLink({ library, service, onOddity });
      links.set(checkpoint, link);
    }
    return link;
  }

  /** Sends a plain message and waits for the one reply to it. */
  function ask(type: 'health' | 'handshake', signal: AbortSignal): Promise<DaemonMessage> {
    return new Promise((resolve, reject) => {
      const requestId = options.newRequestId();
      const onAbort = () => {
        controlLink.forget(requestId);
        reject(new GatewayError('backend_timeout', `The codexpc daemon did not answer ${type} in time.`));
      };
      if (signal.aborted) return onAbort();
      const settle = (action: () => void) => {
        signal.removeEventListener('abort', onAbort);
        controlLink.forget(requestId);
        action();
      };
      signal.addEventListener('abort', onAbort, { once: true });
      try {
        controlLink.send(plainMessage(type, requestId), null, requestId, {
          message: (message) => settle(() => resolve(message)),
          flush: () => undefined,
          broken: (error) => settle(() => reject(error)),
          lost: (error) => settle(() => reject(error)),
        });
      } catch (error) {
        settle(() => reject(error as GatewayError));
      }
    });
  }

  const refused = (what: string, message: DaemonMessage) =>
    new GatewayError('engine_error', `The codexpc daemon answered ${what} with ${describeFailure(message)}.`);

  return {
    name: options.name,
    open: (request) => openSession(request, linkOf(request.checkpoint), options),
    async health(signal) {
      const reply = await ask('health', signal);
      if (reply.type !== 'health.ok') throw refused('health', reply);
    },
    async handshake(signal): Promise<Handshake> {
      const reply = await ask('handshake', signal);
      if (reply.type !== 'handshake.ok') throw refused('handshake', reply);
      return {
        harmonyVersion: reply.harmony_semver,
        encodingName: reply.encoding_name,
        specialTokens: reply.special_tokens,
        stopTokens: reply.stop_tokens_for_assistant_actions,
      };
    },
    async close() {
      await Promise.all([controlLink, ...links.values()].map((link) => link.close()));
    },
  };
}

function describeFailure(message: DaemonMessage): string {
  return message.type === 'error' || message.type === 'handshake.error'
    ? `${message.code}: ${message.message}`
    : message.type;
}

function openSession(request: SessionRequest, link: Link, options: CodexpcOptions): Session {
  const queue = createEventQueue<BackendEvent>();
  let created = false;
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
    link.forget(request.id);
    if (error === null) queue.end();
    else queue.fail(error);
    settleEnded(how);
  }

  function cancel(): void {
    if (over || cancelled) return;
    cancelled = true;
    // A daemon that doesn't end what it was asked to end would hold its engine for ever.
    watchdog = setTimeout(() => {
      link.reset('The codexpc daemon did not stop a cancelled turn in time; its connection was dropped.');
    }, options.cancelGrace);
    try {
      link.send(plainMessage('cancel', request.id), null, request.id, null);
    } catch (error) {
      finish('lost', error as GatewayError);
    }
  }

  function abandon(error: GatewayError): void {
    queue.fail(error);
    cancel();
  }

  function onMessage(message: DaemonMessage): void {
    switch (message.type) {
      case 'created': {
        created = true;
        const tokens = options.askForTokens && message.features.includes('output_token_ids');
        return queue.add({ type: 'created', output: tokens ? 'tokens' : 'text' });
      }
      case 'output_text.delta':
        return queue.add({ type: 'text-delta', text: message.text });
      case 'output_token_ids.delta':
        return queue.add({ type: 'token-delta', ids: tokenIds(message.tokens) });
      case 'output_item.done':
        // The daemon's own answers to tool calls and its placeholders are not the model's words.
        if (message.item.type !== 'tool_call') return;
        return queue.add({ type: 'tool-call', recipient: message.item.name, input: asText(message.item.input) });
      case 'metrics':
        return;
      case 'completed': {
        const { input_tokens: inputTokens, output_tokens: outputTokens } = message.token_usage;
        queue.add({ type: 'completed', usage: { inputTokens, outputTokens } });
        return finish('free', null);
      }
      case 'error':
        return finish('free', failureOf(message));
      case 'health.ok':
      case 'handshake.ok':
      case 'handshake.error':
        return options.onOddity(`${message.type} for a session`);
    }
  }

  try {
    link.send(createMessage(request, options), request.prefill, request.id, {
      message: onMessage,
      flush: queue.flush,
      broken: abandon,
      lost: (error) => finish('lost', created ? error : notThere(error, options.service)),
    });
  } catch (error) {
    finish('lost', error as GatewayError);
  }

  return {
    events: queue.batches,
    ended,
    cancel,
    abandon,
  };
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
