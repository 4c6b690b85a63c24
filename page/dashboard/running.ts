import type { TurnState } from '../../src/observe/state.ts';
import { byId, element } from '../dom.ts';
import { formatCount, formatDuration, formatRate, formatShare } from '../format.ts';

/** Turns that run, each with how far it has come. */
export function drawRunning(turns: readonly TurnState[]): void {
  byId('running-empty', HTMLElement).hidden = turns.length > 0;
  byId('running', HTMLElement).replaceChildren(...turns.map(turnView));
}

function turnView(turn: TurnState): HTMLElement {
  return element(
    'li',
    {},
    element(
      'div',
      { class: 'what' },
      `${turn.route} `,
      element('span', {}, [turn.model, turn.key, turn.id].filter((part) => part !== null).join(' · ')),
    ),
    element('div', {}, formatDuration(turn.duration)),
    element('div', { class: 'steps' }, ...steps(turn).map(stepView)),
  );
}

type Step = { readonly state: 'done' | 'now' | 'next'; readonly text: string };

function stepView({ state, text }: Step): HTMLElement {
  const attributes = { class: `step ${state}`, ...(state === 'now' ? { 'aria-current': 'step' } : {}) };
  return element('div', attributes, text);
}

/** Queue, prefill, answer. */
function steps(turn: TurnState): readonly Step[] {
  const { stage, position, waited, firstOutput, inputTokens, cachedTokens, outputTokens, tokensPerSecond } = turn;
  const place = position === null || position === 0 ? '' : `, came as number ${position}`;
  const reading = `${formatCount(inputTokens)} tokens, ${formatShare(cachedTokens, inputTokens)} reused`;
  const pace = tokensPerSecond === null ? '' : `, ${formatRate(tokensPerSecond)}`;
  const isWaiting = stage === 'preparing' || stage === 'queued';
  return [
    { state: isWaiting ? 'now' : 'done', text: isWaiting ? `Queued${place}` : `Waited ${formatDuration(waited)}` },
    {
      state: stage === 'prefill' ? 'now' : isWaiting ? 'next' : 'done',
      text: isWaiting
        ? 'Prefill'
        : firstOutput === null
          ? `Prefill: ${reading}`
          : `First token after ${formatDuration(firstOutput)}`,
    },
    {
      state: stage === 'answering' ? 'now' : 'next',
      text: stage === 'answering' ? `About ${formatCount(outputTokens)} tokens${pace}` : 'Answer',
    },
  ];
}
