import type { Backend, SessionRequest } from '../../src/backends/backend.ts';
import type { Engine } from '../../src/backends/codexpc/engine.ts';
import type { Receiver } from '../../src/backends/codexpc/link.ts';
import { openSession } from '../../src/backends/codexpc/session.ts';
import type { DaemonMessage } from '../../src/backends/codexpc/wire.ts';
import { GatewayError } from '../../src/core/errors.ts';
import type { Random } from '../harmony/random.ts';

/** What a session is going to do; times are milliseconds. */
export type SessionFate = {
  readonly prefill: number;
  readonly deltas: readonly string[];
  readonly pace: number;
  /** `hang`: says nothing more, and hears no cancel; `silent`: not even `created`. */
  readonly ending: 'completed' | 'error' | 'hang' | 'silent';
};

/** A daemon and the way to it, in memory and on timers: as many turns as one likes, in no time. */
export type DaemonModel = {
  readonly backend: Backend;
  /** Every connection is lost, with all sessions. */
  die(): void;
  /** Sessions that run now, and the most that one engine ever had at the same time. */
  sessions(): number;
  mostAtOnce(): number;
  readonly counts: { died: number; reset: number; cancelled: number };
};

/**
 * The gateway's own sessions (`openSession`: watchdog, cancelling, what ends what) on connections that are replaced by
 * calls. A session that was cancelled takes a while to end, and hears nothing before its prefill is over.
 */
export function createDaemonModel(
  random: Random,
  chooseFate: (request: SessionRequest) => SessionFate,
  limits: { readonly cancelGrace: number; readonly prefillGrace: number },
): DaemonModel {
  type Session = { readonly receiver: Receiver; cancel(): void; stop(): void };
  const connections = new Map<string, Map<string, Session>>();
  const counts = { died: 0, reset: 0, cancelled: 0 };
  let most = 0;

  function engineOf(request: SessionRequest): Engine {
    let sessions = connections.get(request.checkpoint);
    if (sessions === undefined) connections.set(request.checkpoint, (sessions = new Map()));
    const running = sessions;
    return {
      ready: () => Promise.resolve(['tokens']),
      lost: () => undefined,
      close: () => Promise.resolve(),
      link: {
        send(message, _tokens, id, receiver) {
          if (message.get('type') === 'cancel') {
            counts.cancelled += 1;
            running.get(id)?.cancel();
          } else {
            run(running, request, id, receiver!);
          }
        },
        // What is forgotten isn't heard any more, but runs on.
        forget: (id) => void forgotten.add(id),
        reset(reason) {
          counts.reset += 1;
          lose(running, reason, 'live');
        },
        settled: () => Promise.resolve(),
        close: () => Promise.resolve(),
      },
    };
  }

  const forgotten = new Set<string>();

  function lose(running: Map<string, Session>, reason: string, daemon: 'dead' | 'live'): void {
    const all = [...running];
    running.clear();
    for (const [id, session] of all) {
      session.stop();
      if (!forgotten.has(id))
        session.receiver({ type: 'lost', error: new GatewayError('backend_lost', reason), daemon });
    }
  }

  function run(running: Map<string, Session>, request: SessionRequest, id: string, receiver: Receiver): void {
    const { prefill, deltas, pace, ending } = chooseFate(request);
    let timer: NodeJS.Timeout | undefined;
    let cancelled = false;
    const say = (message: DaemonMessage) => {
      if (forgotten.has(id)) return;
      receiver({ type: 'message', message });
      receiver({ type: 'read-end' });
    };
    const after = (milliseconds: number, action: () => void) => {
      timer = setTimeout(action, milliseconds);
    };
    const end = () => {
      running.delete(id);
      if (ending === 'error' && !cancelled)
        return say({ type: 'error', req_id: id, code: 'engine_error', message: '' });
      const token_usage = { input_tokens: request.prefill.length, output_tokens: 1, total_tokens: 1 };
      say({ type: 'completed', req_id: id, token_usage });
    };
    const speak = (index: number): void => {
      if (cancelled) return after(random.below(20), end);
      if (index < deltas.length) {
        say({ type: 'output_text.delta', req_id: id, text: deltas[index]! });
        after(pace, () => speak(index + 1));
      } else if (ending === 'completed' || ending === 'error') {
        end();
      }
    };
    running.set(id, {
      receiver,
      cancel: () => void (cancelled = true),
      stop: () => clearTimeout(timer),
    });
    most = Math.max(most, running.size);
    if (ending === 'silent') return;
    after(random.below(5), () => {
      say({ type: 'created', req_id: id, features: [] });
      after(prefill, () => speak(0));
    });
  }

  let newId = 0;
  return {
    counts,
    sessions: () => [...connections.values()].reduce((sum, running) => sum + running.size, 0),
    mostAtOnce: () => most,
    die() {
      counts.died += 1;
      for (const running of connections.values()) lose(running, 'The daemon died.', 'dead');
    },
    backend: {
      name: 'codexpc',
      open: (request, onFree) =>
        openSession(request, onFree, engineOf(request), {
          ...limits,
          service: 'model',
          askForTokens: false,
          longestOutput: Infinity,
          elapsed: () => performance.now(),
          newRequestId: () => `again-${++newId}`,
          onOddity: () => undefined,
        }),
      health: () => Promise.resolve(),
      introduce: () => Promise.resolve({ handshake: null, trouble: null }),
      close: () => Promise.resolve(),
    },
  };
}
