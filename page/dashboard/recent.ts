import type { TurnState } from '../../src/observe/state.ts';
import { byId, element } from '../dom.ts';
import { formatCount, formatDuration, formatRate, formatShare, formatTime } from '../format.ts';

/** Turns that have ended, the latest first. */
export function drawRecent(turns: readonly TurnState[]): void {
  byId('recent-empty', HTMLElement).hidden = turns.length > 0;
  byId('recent-scroll', HTMLElement).hidden = turns.length === 0;
  byId('recent', HTMLElement).replaceChildren(...turns.toReversed().map(row));
}

function row(turn: TurnState): HTMLElement {
  const number = { class: 'number' };
  return element(
    'tr',
    {},
    element('td', {}, formatTime(turn.beganAt)),
    element('td', {}, turn.route),
    element('td', {}, turn.model),
    element('td', { class: `outcome-${turn.stage}`, title: turn.id }, outcome(turn)),
    element('td', number, formatDuration(turn.waited)),
    element('td', number, formatDuration(turn.firstOutput)),
    element('td', number, formatCount(turn.inputTokens)),
    element('td', number, formatShare(turn.cachedTokens, turn.inputTokens)),
    element('td', number, formatCount(turn.outputTokens)),
    element('td', number, formatRate(turn.tokensPerSecond)),
    element('td', number, formatDuration(turn.duration)),
    element('td', {}, notes(turn)),
  );
}

function outcome({ stage, reason, error }: TurnState): string {
  if (stage === 'failed') return error ?? 'failed';
  return stage === 'cancelled' ? 'cancelled' : (reason ?? stage);
}

function notes({ key, stream, repairs, warnings }: TurnState): string {
  const found = [
    key === null ? null : `key ${key}`,
    stream ? null : 'not streamed',
    repairs === 0 ? null : `${repairs} ${repairs === 1 ? 'repair' : 'repairs'}`,
    warnings === 0 ? null : `${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`,
  ];
  return found.filter((note) => note !== null).join(', ');
}
