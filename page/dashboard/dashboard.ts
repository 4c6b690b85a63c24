import type { GatewayState, TurnState } from '../../src/observe/state.ts';
import type { Access } from '../access.ts';
import { byId } from '../dom.ts';
import { drawCharts } from './charts.ts';
import { follow } from './feed.ts';
import { drawRecent } from './recent.ts';
import { drawRunning } from './running.ts';
import { drawTiles } from './tiles.ts';

export type Dashboard = {
  /** Listens only while it is shown. */
  setShown(isShown: boolean): void;
};

/** As many as the gateway remembers. */
const mostRecent = 100;

/** The view of what the gateway is doing. */
export function createDashboard(access: Access): Dashboard {
  const live = byId('live', HTMLElement);
  let following: AbortController | null = null;
  let recent: readonly TurnState[] = [];

  function show(state: GatewayState, isWhole: boolean): void {
    say('Live', false);
    drawTiles(state, recent);
    drawRunning(state.running);
    if (!isWhole && state.recent.length === 0) return;
    recent = isWhole ? state.recent : [...recent, ...state.recent].slice(-mostRecent);
    drawTiles(state, recent);
    drawCharts(recent);
    drawRecent(recent);
  }

  function say(text: string, isLost: boolean): void {
    if (live.textContent !== text) live.textContent = text;
    live.classList.toggle('lost', isLost);
  }

  return {
    setShown(isShown) {
      if (isShown === (following !== null)) return;
      if (!isShown) {
        following?.abort();
        following = null;
        return;
      }
      following = new AbortController();
      say('Connecting …', false);
      void follow(access, { state: show, lost: (message) => say(`${message} Trying again …`, true) }, following.signal);
    },
  };
}
