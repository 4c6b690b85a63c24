import { GatewayError } from '../core/errors.ts';
import type { Clock } from '../core/ids.ts';
import type { LeaveSignal } from '../core/leave-signal.ts';
import { commonPrefix } from './common-prefix.ts';

/**
 * Who may use which engine when. One engine per checkpoint, `sessionsPerEngine` sessions on it at a time.
 *
 * - A slot is taken until its `release`, which must come when the engine is really free of the session.
 * - Of those that wait, the one whose prefill shares most with what the engine holds goes next, since it skips that
 *   much of prefill; but nobody is overtaken more than `maxOvertakes` times.
 * - The queue is bounded: who doesn't fit gets `rate_limit_exceeded` with the wait that measured service times promise.
 */
export type Scheduler = {
  /**
   * Takes a place in the engine's queue, or the engine itself.
   *
   * @throws GatewayError `rate_limit_exceeded` when the queue is full.
   */
  enter(engine: string, prefill: Uint32Array, signal: LeaveSignal): Ticket;
  /** Gives the engine back; `held` is what its cache holds now, null when unknown. Calls after the first do nothing. */
  release(slot: Slot, held: Uint32Array | null): void;
  /** What an engine is doing, for health and status pages. */
  status(engine: string): { readonly running: number; readonly queued: number };
};

export type Ticket = {
  /** 0: the engine was free at once; else the place in the queue, 1 being next in order of arrival. */
  readonly position: number;
  /** Rejects with `rate_limit_exceeded` after `queueTimeout`, with the signal's reason when it aborts. */
  readonly granted: Promise<Slot>;
  /** Gives up the place, or the slot when it has been granted. For whoever won't use it. */
  leave(): void;
};

export type Slot = {
  readonly engine: Engine;
  /** When it was given. */
  readonly since: number;
  /** How many tokens of the prefill the engine is expected to have in its cache. */
  readonly cachedTokens: number;
};

export type SchedulerOptions = {
  readonly clock: Clock;
  /** More than 1 corrupts answers on today's daemon, whose sessions share one context. */
  readonly sessionsPerEngine: number;
  /** Most turns that wait for one engine. */
  readonly queueLength: number;
  /** Milliseconds a turn may wait. */
  readonly queueTimeout: number;
  readonly maxOvertakes: number;
};

type Waiter = {
  readonly prefill: Uint32Array;
  overtaken: number;
  readonly grant: (slot: Slot) => void;
};

type Engine = {
  readonly running: Set<Slot>;
  waiting: Waiter[];
  held: Uint32Array | null;
  /** Running mean of how long a session keeps the engine, in ms; null before the first. */
  serviceTime: number | null;
};

export function createScheduler(options: SchedulerOptions): Scheduler {
  const engines = new Map<string, Engine>();

  function engineOf(name: string): Engine {
    let engine = engines.get(name);
    if (engine === undefined) {
      engine = { running: new Set(), waiting: [], held: null, serviceTime: null };
      engines.set(name, engine);
    }
    return engine;
  }

  function occupy(engine: Engine, prefill: Uint32Array): Slot {
    const cachedTokens = engine.held === null ? 0 : commonPrefix(engine.held, prefill);
    const slot = { engine, since: options.clock.elapsed(), cachedTokens };
    engine.running.add(slot);
    return slot;
  }

  /** What wasn't used says nothing about how long a session takes. */
  function returnUnused(slot: Slot): void {
    if (slot.engine.running.delete(slot)) serveNext(slot.engine);
  }

  function serveNext(engine: Engine): void {
    if (engine.running.size >= options.sessionsPerEngine) return;
    const index = chooseNext(engine, options.maxOvertakes);
    const [next] = engine.waiting.splice(index, 1);
    if (next === undefined) return;
    for (const waiter of engine.waiting.slice(0, index)) waiter.overtaken += 1;
    next.grant(occupy(engine, next.prefill));
  }

  /** Seconds until somebody who came now would be served. */
  function expectedWait(engine: Engine): number {
    const turns = Math.ceil((engine.waiting.length + 1) / options.sessionsPerEngine);
    // Whoever has run for long already is likely to run as long again.
    const longest = Math.max(0, ...[...engine.running].map(({ since }) => options.clock.elapsed() - since));
    return Math.max(1, Math.ceil(Math.max((engine.serviceTime ?? 1000) * turns, longest) / 1000));
  }

  return {
    enter(name, prefill, signal) {
      const engine = engineOf(name);
      if (engine.running.size < options.sessionsPerEngine && engine.waiting.length === 0) {
        const slot = occupy(engine, prefill);
        return { position: 0, granted: Promise.resolve(slot), leave: () => returnUnused(slot) };
      }
      if (engine.waiting.length >= options.queueLength) {
        const retryAfter = expectedWait(engine);
        throw new GatewayError(
          'rate_limit_exceeded',
          `The engine is busy, and its queue is full (${engine.waiting.length} waiting). Please try again in ${retryAfter}s.`,
          { retryAfter },
        );
      }
      return queue(engine, prefill, signal);
    },
    release(slot, held) {
      const { engine, since } = slot;
      if (!engine.running.delete(slot)) return;
      engine.held = held;
      const took = options.clock.elapsed() - since;
      engine.serviceTime = engine.serviceTime === null ? took : engine.serviceTime * 0.8 + took * 0.2;
      serveNext(engine);
    },
    status(name) {
      const engine = engines.get(name);
      return { running: engine?.running.size ?? 0, queued: engine?.waiting.length ?? 0 };
    },
  };

  function queue(engine: Engine, prefill: Uint32Array, signal: LeaveSignal): Ticket {
    const position = engine.waiting.length + 1;
    let slot: Slot | null = null;
    let settle!: { resolve: (slot: Slot) => void; reject: (error: GatewayError) => void };
    const granted = new Promise<Slot>((resolve, reject) => {
      settle = { resolve, reject };
    });
    // Whoever leaves doesn't look at the promise any more.
    granted.catch(() => undefined);

    const stopWaiting = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      engine.waiting = engine.waiting.filter((other) => other !== waiter);
    };
    const giveUp = (error: GatewayError): void => {
      stopWaiting();
      settle.reject(error);
    };
    const onAbort = () => giveUp(signal.reason as GatewayError);
    const timer = setTimeout(() => {
      const retryAfter = expectedWait(engine);
      const message = `The engine did not become free within ${options.queueTimeout} ms. Please try again in ${retryAfter}s.`;
      giveUp(new GatewayError('rate_limit_exceeded', message, { retryAfter }));
    }, options.queueTimeout);
    const waiter: Waiter = {
      prefill,
      overtaken: 0,
      grant(given) {
        stopWaiting();
        slot = given;
        settle.resolve(given);
      },
    };
    engine.waiting.push(waiter);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });

    return {
      position,
      granted,
      leave() {
        if (slot === null) giveUp(new GatewayError('request_cancelled', 'The turn left the queue.'));
        else returnUnused(slot);
      },
    };
  }
}

/**
 * Index of the waiter to serve: the one that shares the longest prefix with what the engine holds, the earlier of
 * equals. Whoever overtakes a waiter overtakes all who came before it too, so the first has been overtaken most.
 */
function chooseNext({ waiting, held }: Engine, maxOvertakes: number): number {
  const first = waiting[0];
  if (held === null || first === undefined || first.overtaken >= maxOvertakes) return 0;
  let best = 0;
  let bestShared = -1;
  for (const [index, waiter] of waiting.entries()) {
    const shared = commonPrefix(held, waiter.prefill);
    if (shared > bestShared) {
      best = index;
      bestShared = shared;
    }
  }
  return best;
}
