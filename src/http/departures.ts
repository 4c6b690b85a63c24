import { GatewayError } from '../core/errors.ts';
import type { LeaveSignal } from '../core/leave-signal.ts';

/** Those for whom something runs: clients, each of whom may leave, and all of whom must go when the server stops. */
export type Departures = {
  /** Somebody who has come; `forget` must be called when nothing runs for them any more. */
  enter(): Departure;
  forget(departure: Departure): void;
  /** Ends everything that still runs, with `shutting_down`. */
  dismissAll(): void;
};

/** The leaving of one client: a signal. */
export type Departure = { -readonly [field in keyof LeaveSignal]: LeaveSignal[field] } & {
  /** null: there are none. */
  listeners: readonly (() => void)[] | null;
};

export function createDepartures(): Departures {
  const present = new Set<Departure>();
  return {
    enter() {
      const departure = createDeparture();
      present.add(departure);
      return departure;
    },
    forget: (departure) => void present.delete(departure),
    dismissAll() {
      const reason = new GatewayError('shutting_down', 'The gateway is shutting down; please try again.');
      for (const departure of present) abort(departure, reason);
    },
  };
}

/** The client has left: aborts what runs for it. */
export function leave(departure: Departure): void {
  abort(departure, new GatewayError('request_cancelled', 'The client closed the connection.'));
}

function createDeparture(): Departure {
  return {
    aborted: false,
    reason: undefined,
    listeners: null,
    throwIfAborted,
    addEventListener,
    removeEventListener,
  };
}

function abort(departure: Departure, reason: GatewayError): void {
  if (departure.aborted) return;
  departure.aborted = true;
  departure.reason = reason;
  const { listeners } = departure;
  departure.listeners = null;
  for (const listener of listeners ?? []) listener();
}

function throwIfAborted(this: Departure): void {
  if (this.aborted) throw this.reason as GatewayError;
}

function addEventListener(this: Departure, _type: 'abort', listener: () => void): void {
  this.listeners = this.listeners === null ? [listener] : [...this.listeners, listener];
}

function removeEventListener(this: Departure, _type: 'abort', listener: () => void): void {
  this.listeners = this.listeners?.filter((other) => other !== listener) ?? null;
}
