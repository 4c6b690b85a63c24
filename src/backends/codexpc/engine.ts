import { setTimeout as delay } from 'node:timers/promises';
import { GatewayError } from '../../core/errors.ts';
import { askHealth, greet } from './greeting.ts';
import type { Greeting } from './greeting.ts';
import { chooseInputs } from './inputs.ts';
import type { InputChoice, InputSetting } from './inputs.ts';
import { createLink } from './link.ts';
import type { Link, LinkOptions } from './link.ts';

/**
 * The way to one engine: a connection of its own, on which the daemon is greeted before the first session, and again
 * whenever the connection had to be opened anew.
 */
export type Engine = {
  readonly link: Link;
  /**
   * Resolves when a session may begin, with the forms in which the daemon takes its prompt. Costs nothing while a
   * connection lasts.
   *
   * @throws GatewayError when the daemon doesn't answer, or still runs a session that was given up; the next call asks
   *   again.
   */
  ready(): Promise<InputChoice['inputs']>;
  /** The end of this session was not heard: the daemon may run it still. */
  lost(sessionId: string): void;
  /** Ends its sessions and its connection; nothing is opened any more. */
  close(): Promise<void>;
};

export type EngineOptions = Omit<LinkOptions, 'onDrop'> & {
  /** In which form prompts go to the daemon; `auto`: as tokens, unless the handshake tells against it. */
  readonly input: InputSetting;
  /** Milliseconds that the daemon may take to answer on a new connection. */
  readonly greetingTimeout: number;
  readonly newRequestId: () => string;
  /** Monotonic milliseconds. */
  readonly elapsed: () => number;
  /** Told, once for each connection, what somebody should know about it. */
  readonly onWarning: (what: string) => void;
};

/** Milliseconds between two looks at the sessions of a daemon that tells them. */
const lookInterval = 50;

/**
 * Milliseconds after which a session whose connection has ended is taken to have ended, too, where the daemon doesn't
 * tell: it hears of the end by another queue than that of the new connection, and stops behind a step of sampling.
 */
const settleTime = 1000;

export function createEngine(options: EngineOptions): Engine {
  const { input, greetingTimeout, newRequestId, elapsed, onWarning } = options;
  let greeted: Promise<InputChoice['inputs']> | null = null;
  const unheard = new Set<string>();
  /** When the last of them was lost. */
  let lostAt = 0;
  let drops = 0;
  const closed = new AbortController();
  const link = createLink({
    ...options,
    onDrop() {
      greeted = null;
      drops += 1;
    },
  });

  async function begin(): Promise<InputChoice['inputs']> {
    // Not AbortSignal.any: Node 20 may collect what it was made of, and with it the time limit.
    const limit = new AbortController();
    const end = () => limit.abort();
    const timer = setTimeout(end, greetingTimeout);
    closed.signal.addEventListener('abort', end, { once: true });
    if (closed.signal.aborted) end();
    try {
      return await beginWithin(limit.signal);
    } finally {
      clearTimeout(timer);
      closed.signal.removeEventListener('abort', end);
    }
  }

  async function beginWithin(late: AbortSignal): Promise<InputChoice['inputs']> {
    // A daemon learns of a connection's end by its own event; what was never closed here, it can't have seen end.
    await before(late, link.settled(), 'The connection that was given up does not end.');
    const greeting = await greet(link, newRequestId, late);
    const dropsBefore = drops;
    await gone(greeting, late);
    if (drops > dropsBefore)
      throw new GatewayError('backend_lost', 'The connection to the codexpc daemon was lost again.');
    const choice = chooseInputs(input, greeting);
    if (choice.warning !== null) onWarning(choice.warning);
    return choice.inputs;
  }

  /** Waits for the end of sessions that were lost: until the daemon says so, or for a while if it doesn't tell. */
  async function gone(greeting: Greeting, late: AbortSignal): Promise<void> {
    const wait = (milliseconds: number) =>
      before(
        late,
        delay(milliseconds, undefined, { signal: late }),
        'The codexpc daemon still runs a turn that was cancelled; please try again.',
      );
    let { sessions } = greeting;
    const settled = lostAt + settleTime - elapsed();
    if (sessions === null && unheard.size > 0 && settled > 0) await wait(settled);
    while (sessions?.some((id) => unheard.has(id)) === true) {
      await wait(lookInterval);
      sessions = await askHealth(link, newRequestId, late);
    }
    unheard.clear();
  }

  return {
    link,
    ready() {
      if (greeted !== null) return greeted;
      const current = begin();
      greeted = current;
      current.catch(() => {
        if (greeted === current) greeted = null;
      });
      return current;
    },
    lost(sessionId) {
      unheard.add(sessionId);
      lostAt = elapsed();
    },
    async close() {
      closed.abort();
      await link.close();
    },
  };
}

/** The promise, or `backend_timeout` when the signal aborts first. */
async function before(late: AbortSignal, promise: Promise<unknown>, message: string): Promise<void> {
  const timeout = () => new GatewayError('backend_timeout', message, { retryAfter: 1 });
  let onAbort: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(timeout());
    late.addEventListener('abort', onAbort, { once: true });
  });
  try {
    if (late.aborted) throw timeout();
    await Promise.race([promise, aborted]);
  } catch (error) {
    throw error instanceof GatewayError ? error : timeout();
  } finally {
    late.removeEventListener('abort', onAbort);
  }
}
