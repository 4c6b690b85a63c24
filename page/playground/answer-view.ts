import { button, element } from '../dom.ts';
import { formatCount, formatDuration, formatRate } from '../format.ts';
import type { AnswerEvent, Usage } from './answer.ts';
import type { Said, ToolCall } from './conversation.ts';
import { resultForm, saidView } from './entry-view.ts';
import type { SaidView } from './entry-view.ts';

/** Milliseconds since the page began, at which something happened; null: it has not. */
export type Timing = { readonly sent: number; firstOutput: number | null; ended: number | null };

/** An answer as it comes in. */
export type AnswerView = {
  readonly element: HTMLElement;
  readonly said: readonly Said[];
  readonly timing: Timing;
  readonly usage: Usage | null;
  push(event: AnswerEvent): void;
  setRequestId(id: string | null): void;
  /** Ends what is open, and says how it ended. */
  end(how: string, isFailure: boolean): void;
  offerRetry(retry: () => void): void;
  /** Asks for the results of the answer's calls. */
  askResults(calls: readonly ToolCall[], send: (results: readonly string[]) => void): void;
};

export function createAnswerView(title: string): AnswerView {
  const stage = element('span', { class: 'stage pulse' }, 'Sent');
  const body = element('li', { class: 'entry-answer' }, element('div', { class: 'who' }, title, stage));
  const said: Said[] = [];
  const views = new Map<Said, SaidView>();
  const timing: Timing = { sent: performance.now(), firstOutput: null, ended: null };
  let usage: Usage | null = null;
  let requestId: string | null = null;

  function open(): { entry: Said; view: SaidView } | null {
    const entry = said.at(-1);
    return entry === undefined ? null : { entry, view: views.get(entry)! };
  }

  function push(event: AnswerEvent): void {
    switch (event.type) {
      case 'stage':
        stage.textContent = event.stage === 'queued' ? 'Waiting for the engine' : 'Reading the prompt';
        return;
      case 'begin': {
        timing.firstOutput ??= performance.now();
        open()?.view.end();
        const view = saidView(event.entry);
        said.push(event.entry);
        views.set(event.entry, view);
        body.append(view.element);
        stage.textContent = stages[event.entry.type];
        return;
      }
      case 'delta': {
        const last = open();
        if (last === null) return;
        last.entry.text += event.text;
        last.view.append(event.text);
        return;
      }
      case 'usage':
        usage = event.usage;
        return;
      case 'end':
      case 'failed':
        return;
    }
  }

  return {
    element: body,
    said,
    timing,
    get usage() {
      return usage;
    },
    push,
    setRequestId(id) {
      requestId = id;
    },
    end(how, isFailure) {
      timing.ended = performance.now();
      open()?.view.end();
      stage.classList.remove('pulse');
      stage.textContent = isFailure ? 'Failed' : how;
      body.classList.toggle('failed', isFailure);
      if (isFailure) body.append(element('p', { class: 'problem' }, how));
      body.append(
        figures(
          timing,
          usage,
          requestId,
          said.some(({ type }) => type === 'reasoning'),
        ),
      );
    },
    offerRetry(retry) {
      const row = element('div', { class: 'call-row' });
      row.append(button('Try again', {}, retry));
      body.append(row);
    },
    askResults(calls, send) {
      const form = resultForm(
        calls.map((call) => ({ ...call, view: views.get(call)!.element })),
        send,
      );
      body.append(form.element);
      form.focus();
    },
  };
}

/** Seconds below which a pace is mere chance. */
const shortest = 0.1;

const stages = { reasoning: 'Thinking', text: 'Answering', call: 'Calling a tool' } as const;

function figures(
  { sent, firstOutput, ended }: Timing,
  usage: Usage | null,
  requestId: string | null,
  wasThinkingSent: boolean,
): HTMLElement {
  const list = element('dl', { class: 'figures' });
  const add = (name: string, value: string, attributes = {}) => {
    list.append(element('div', {}, element('dt', {}, name), element('dd', attributes, value)));
  };
  if (firstOutput !== null) add('First token', formatDuration(firstOutput - sent));
  if (ended !== null) add('Whole', formatDuration(ended - sent));
  if (usage !== null) {
    add('In', `${formatCount(usage.input)} tokens, ${formatCount(usage.cached)} reused`);
    add('Out', `${formatCount(usage.output)} tokens, ${formatCount(usage.reasoning)} reasoning`);
    const seconds = firstOutput === null || ended === null ? 0 : (ended - firstOutput) / 1000;
    // Thinking that was not sent was done before the first output.
    const heard = wasThinkingSent ? usage.output : usage.output - usage.reasoning;
    if (seconds >= shortest) add('Pace', formatRate(heard / seconds));
  }
  if (requestId !== null) add('Request', requestId, { class: 'id', title: requestId });
  return list;
}
