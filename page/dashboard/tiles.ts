import type { BackendState, EngineState, GatewayState, TurnState } from '../../src/observe/state.ts';
import { byId, element } from '../dom.ts';
import { formatCount, formatDuration, formatRate, formatShare, formatTime, median } from '../format.ts';

type Tile = { readonly name: string; readonly value: string; readonly detail: string; readonly isBad?: boolean };

/** The figures at the top: how the daemon and its engines are, and what has come of all turns. */
export function drawTiles(state: GatewayState, recent: readonly TurnState[]): void {
  const tiles = [
    backendTile(state.backend),
    ...state.engines.map((engine) => engineTile(engine, state.engines.length > 1)),
    gatewayTile(state),
    turnsTile(state),
    firstTokenTile(recent),
    paceTile(recent),
    reuseTile(state),
    tokensTile(state),
    repairsTile(state),
    errorsTile(state),
  ];
  byId('tiles', HTMLElement).replaceChildren(
    ...tiles.map(({ name, value, detail, isBad = false }) =>
      element(
        'div',
        { class: isBad ? 'tile bad' : 'tile' },
        element('dt', {}, name),
        element('dd', { class: 'value' }, value),
        element('dd', { class: 'detail' }, detail),
      ),
    ),
  );
}

function backendTile({ name, health, checkedAt, problem }: BackendState): Tile {
  const title = name === 'simulator' ? 'Backend: simulator' : `Backend: ${name}`;
  switch (health) {
    case 'well':
      return { name: title, value: 'Healthy', detail: `answered at ${formatTime(checkedAt!)}` };
    case 'failing':
      return { name: title, value: 'Not well', detail: problem?.message ?? '', isBad: true };
    case 'unknown':
      return { name: title, value: '…', detail: 'being asked' };
  }
}

function engineTile({ model, running, queued }: EngineState, isOneOfSome: boolean): Tile {
  return {
    name: isOneOfSome ? `Engine: ${model}` : 'Engine',
    value: running === 0 ? 'Idle' : 'Busy',
    detail: queued === 0 ? 'nobody waits' : `${queued} waiting`,
  };
}

function gatewayTile({ at, since }: GatewayState): Tile {
  return { name: 'Gateway up for', value: formatDuration(at - since), detail: `since ${formatTime(since)}` };
}

function turnsTile({ totals }: GatewayState): Tile {
  const { turns, failed, cancelled } = totals;
  return {
    name: 'Turns',
    value: formatCount(turns),
    detail: `${failed} failed, ${cancelled} cancelled`,
  };
}

function firstTokenTile(recent: readonly TurnState[]): Tile {
  const times = recent.flatMap(({ firstOutput }) => (firstOutput === null ? [] : [firstOutput]));
  return {
    name: 'First token, median',
    value: formatDuration(median(times)),
    detail: times.length === 0 ? 'of no turn yet' : `the last: ${formatDuration(times.at(-1)!)}`,
  };
}

function paceTile(recent: readonly TurnState[]): Tile {
  const rates = recent.flatMap(({ tokensPerSecond }) => (tokensPerSecond === null ? [] : [tokensPerSecond]));
  return {
    name: 'Pace, median',
    value: formatRate(median(rates)),
    detail: rates.length === 0 ? 'of no turn yet' : `the last: ${formatRate(rates.at(-1)!)}`,
  };
}

function reuseTile({ totals: { cachedTokens, inputTokens } }: GatewayState): Tile {
  return {
    name: 'Prompt tokens reused',
    value: formatShare(cachedTokens, inputTokens),
    detail: `${formatCount(cachedTokens)} of ${formatCount(inputTokens)} were in the cache`,
  };
}

function tokensTile({ totals: { outputTokens, reasoningTokens } }: GatewayState): Tile {
  return {
    name: 'Tokens said',
    value: formatCount(outputTokens),
    detail: `${formatCount(reasoningTokens)} of them reasoning`,
  };
}

function repairsTile({ totals: { repairs } }: GatewayState): Tile {
  return { name: 'Repairs of output', value: formatCount(sum(repairs)), detail: listed(repairs, 'none was needed') };
}

function errorsTile({ totals: { errors } }: GatewayState): Tile {
  const count = sum(errors);
  return { name: 'Errors', value: formatCount(count), detail: listed(errors, 'none so far'), isBad: count > 0 };
}

type Counts = { readonly [name: string]: number };

const sum = (counts: Counts) => Object.values(counts).reduce((total, count) => total + count, 0);

/** The most frequent first. */
function listed(counts: Counts, none: string): string {
  const sorted = Object.entries(counts).sort(([, one], [, other]) => other - one);
  if (sorted.length === 0) return none;
  const shown = sorted.slice(0, 4).map(([name, count]) => `${name} ${count}`);
  return [...shown, ...(sorted.length > 4 ? ['…'] : [])].join(', ');
}
