import type { ApiKey } from './api-keys.ts';
import type { Exchange } from './dialect.ts';
import type { GatewayError } from './errors.ts';
import { addUsage } from './event.ts';
import type { TurnEvent } from './event.ts';
import type { Clock } from './ids.ts';

/**
 * What is known of a turn from outside: ids, counts and times, never a word of what is said. It changes while the turn
 * runs. Times are `Clock.elapsed`'s, in milliseconds; null: not yet, or never.
 */
export type TurnReport = {
  /** The request's id, which the client was given as `x-request-id`. */
  readonly id: string;
  /** The route's pattern, as in `/v1/responses`. */
  readonly route: string;
  /** The name of the API key that asked for it; null: none was asked for. */
  readonly key: string | null;
  readonly model: string;
  readonly stream: boolean;
  /** The client's `traceparent` header, as it came; null: none. */
  readonly traceparent: string | null;
  readonly warnings: readonly string[];
  /** Milliseconds since 1970. */
  readonly beganAt: number;
  readonly began: number;
  /** The place in the queue when it was entered; null: the engine was free. */
  readonly position: number | null;
  /** When the engine took the turn. */
  readonly start: (Extract<TurnEvent, { type: 'turn-start' }> & { readonly at: number }) | null;
  readonly firstOutput: number | null;
  /** Deltas so far: as many tokens at least, where the engine says them one by one. */
  readonly deltas: number;
  /** UTF-16 code units of all that was said so far. */
  readonly characters: number;
  /** Thinking is part of what was said; else the engine keeps it to itself. */
  readonly reasoned: boolean;
  /** Turns that have ended: more than one where a request wants several answers. */
  readonly turns: number;
  /** The last end, with what all turns have used. */
  readonly end: Extract<TurnEvent, { type: 'turn-end' }> | null;
  readonly failure: GatewayError | null;
  readonly ended: number | null;
};

/** Is told of every turn, once when it begins and once when it has ended, however it has. */
export type TurnObserver = {
  began(report: TurnReport): void;
  ended(report: TurnReport): void;
};

/** A turn that is being followed: one record for each that runs, and the functions below, which take it. */
export type FollowedTurn = {
  readonly report: { -readonly [field in keyof TurnReport]: TurnReport[field] };
  readonly clock: Clock;
  readonly observers: readonly TurnObserver[];
};

/** Begins the report of a turn and tells the observers. `endTurn` must follow. */
export function followTurn(options: {
  readonly id: string;
  readonly route: string;
  /** The one that asks for it; null: none is needed. */
  readonly key: ApiKey | null;
  readonly exchange: Exchange;
  /** The client's header of this name. */
  readonly traceparent?: string | null;
  readonly clock: Clock;
  readonly observers: readonly TurnObserver[];
}): FollowedTurn {
  const { id, route, exchange, clock, observers } = options;
  const { turn, stream, warnings } = exchange;
  const report: FollowedTurn['report'] = {
    id,
    route,
    key: options.key?.name ?? null,
    model: turn.model,
    stream,
    traceparent: options.traceparent ?? null,
    warnings,
    beganAt: clock.now(),
    began: clock.elapsed(),
    position: null,
    start: null,
    firstOutput: null,
    deltas: 0,
    characters: 0,
    reasoned: false,
    turns: 0,
    end: null,
    failure: null,
    ended: null,
  };
  for (const observer of observers) observer.began(report);
  return { report, clock, observers };
}

/** Must be told every batch of the turn. */
export function noteBatch(followed: FollowedTurn, batch: readonly TurnEvent[]): void {
  for (const event of batch) note(followed, event);
}

/** @param failure why the turn has failed; null: it hasn't. */
export function endTurn({ report, clock, observers }: FollowedTurn, failure: GatewayError | null): void {
  report.failure = failure;
  report.ended = clock.elapsed();
  for (const observer of observers) observer.ended(report);
}

function note({ report, clock }: FollowedTurn, event: TurnEvent): void {
  switch (event.type) {
    case 'turn-queued':
      report.position = event.position;
      return;
    case 'turn-start':
      report.start = {
        type: 'turn-start',
        inputTokens: event.inputTokens,
        cachedTokens: event.cachedTokens,
        at: clock.elapsed(),
      };
      return;
    case 'turn-end':
      report.turns += 1;
      report.end = report.end === null ? event : { ...event, usage: addUsage(report.end.usage, event.usage) };
      return;
    case 'reasoning-delta':
    case 'text-delta':
    case 'tool-call-delta':
      report.deltas += 1;
      report.characters += event.text.length;
      return;
    case 'reasoning-start':
      report.reasoned = true;
      report.firstOutput ??= clock.elapsed();
      return;
    case 'text-start':
    case 'tool-call-start':
      report.firstOutput ??= clock.elapsed();
      return;
    case 'reasoning-end':
    case 'text-end':
    case 'tool-call-end':
      return;
  }
}
