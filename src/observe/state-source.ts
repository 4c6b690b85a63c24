import type { Clock } from '../core/ids.ts';
import type { HealthWatch } from './health-watch.ts';
import type { EngineState, GatewayState } from './state.ts';
import type { TurnBoard } from './turn-board.ts';

/** Tells what the gateway is doing, to those who ask. It does nothing while nobody does. */
export type StateSource = {
  /** Everything there is to tell, once the backend has said how it is. */
  whole(): Promise<GatewayState>;
  /**
   * Everything first, then every change, four times a second at most; `recent` holds the turns that have ended since
   * what came before. The backend is asked again and again meanwhile, so something comes every few seconds. Ends when
   * the signal aborts.
   */
  watch(signal: AbortSignal): AsyncIterable<GatewayState>;
};

export type StateSourceOptions = {
  readonly board: TurnBoard;
  readonly health: HealthWatch;
  readonly engines: () => readonly EngineState[];
  readonly clock: Clock;
  /** Resolves after so many milliseconds, or when the signal aborts; never rejects. */
  readonly pause: (milliseconds: number, signal: AbortSignal) => Promise<void>;
};

/** Milliseconds between two looks. */
const interval = 250;

export function createStateSource({ board, health, engines, clock, pause }: StateSourceOptions): StateSource {
  const since = clock.now();

  const state = (after: number): GatewayState => ({
    at: clock.now(),
    since,
    backend: health.current(),
    engines: engines(),
    totals: board.totals(),
    running: board.running(),
    recent: board.recent(after),
  });

  return {
    async whole() {
      await health.refresh();
      return state(0);
    },
    async *watch(signal) {
      let ended = 0;
      while (!signal.aborted) {
        void health.refresh();
        const told = { version: board.version, backend: health.current(), busy: isBusy() };
        const next = state(ended);
        ended = board.count;
        yield next;
        do {
          await pause(interval, signal);
          void health.refresh();
        } while (!signal.aborted && !isNews(told));
      }
    },
  };

  type Told = { readonly version: number; readonly backend: object; readonly busy: boolean };

  /** An engine is busy for a while after its turn has ended, until it has heard of it. */
  function isNews({ version, backend, busy }: Told): boolean {
    return isBusy() || busy || board.version !== version || health.current() !== backend;
  }

  function isBusy(): boolean {
    return board.running().length > 0 || engines().some(({ running, queued }) => running + queued > 0);
  }
}
