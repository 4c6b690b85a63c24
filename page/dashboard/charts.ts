import type { TurnState } from '../../src/observe/state.ts';
import { byId, element, svg } from '../dom.ts';
import { formatDuration, formatRate, median } from '../format.ts';

type Chart = {
  readonly title: string;
  readonly value: (turn: TurnState) => number | null;
  readonly format: (value: number | null) => string;
  /** What a full bar is; null: about the largest value. */
  readonly full: number | null;
};

const charts: readonly Chart[] = [
  { title: 'Time to first token', value: ({ firstOutput }) => firstOutput, format: formatDuration, full: null },
  { title: 'Pace', value: ({ tokensPerSecond }) => tokensPerSecond, format: formatRate, full: null },
  {
    title: 'Prompt reused',
    value: ({ cachedTokens, inputTokens }) =>
      cachedTokens === null || inputTokens === null || inputTokens === 0 ? null : (cachedTokens / inputTokens) * 100,
    format: (value) => (value === null ? '–' : `${Math.round(value)} %`),
    full: 100,
  },
];

/** Bars side by side, as many as can be told apart. */
const bars = 60;
const height = 76;
const width = bars * 6;

/** A bar a turn in each chart, the latest at the right. */
export function drawCharts(turns: readonly TurnState[]): void {
  const shown = turns.slice(-bars);
  byId('charts', HTMLElement).replaceChildren(...charts.map((chart) => chartView(chart, shown)));
}

function chartView({ title, value, format, full }: Chart, turns: readonly TurnState[]): HTMLElement {
  const values = turns.map(value);
  const known = values.filter((each) => each !== null);
  const most = full ?? topOf(known);
  const middle = median(known);
  const summary = middle === null ? 'nothing yet' : `median ${format(middle)}, most ${format(Math.max(...known))}`;
  const picture = svg('svg', {
    viewBox: `0 0 ${width} ${height}`,
    preserveAspectRatio: 'none',
    role: 'img',
    'aria-label': `${title}: ${summary}`,
  });
  const first = bars - values.length;
  for (const [index, turn] of turns.entries()) {
    const isFailed = turn.stage === 'failed';
    picture.append(
      ...barView(values[index]!, { most, x: (first + index) * 6, hasRest: full !== null, isFailed, format }),
    );
  }
  if (middle !== null && most > 0) {
    const y = height - (middle / most) * height;
    picture.append(svg('line', { class: 'median', x1: 0, x2: width, y1: y, y2: y }));
  }
  const caption = element('figcaption', {}, title, element('span', {}, summary));
  return element('figure', { class: 'chart' }, caption, picture);
}

/** What a full bar is: one turn that waited for minutes must not press all others to the ground. */
function topOf(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const usual = sorted[Math.floor((sorted.length - 1) * 0.9)] ?? 0;
  return Math.min(sorted.at(-1) ?? 0, usual * 2);
}

type Bar = {
  readonly most: number;
  readonly x: number;
  /** What is missing to the top is drawn too. */
  readonly hasRest: boolean;
  readonly isFailed: boolean;
  readonly format: (value: number) => string;
};

/**
 * What has no value, as a turn that failed before its first token, is a short mark. What is higher than the chart has a gap
 * below its top.
 */
function barView(value: number | null, { most, x, hasRest, isFailed, format }: Bar): SVGElement[] {
  const share = value === null || most === 0 ? 0 : value / most;
  const tall = Math.min(height, Math.max(2, share * height));
  const kind = isFailed ? 'bar failed' : value === null ? 'bar missing' : 'bar';
  const bar = svg('rect', { class: kind, x, y: height - tall, width: 5, height: tall });
  bar.append(svg('title', {}, value === null ? 'none' : format(value)));
  if (share > 1) return [bar, svg('rect', { class: 'bar gap', x, y: 7, width: 5, height: 3 })];
  if (!hasRest || value === null) return [bar];
  return [svg('rect', { class: 'bar rest', x, y: 0, width: 5, height: height - tall }), bar];
}
