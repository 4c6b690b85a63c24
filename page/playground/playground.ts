import type { Access } from '../access.ts';
import { announce } from '../announce.ts';
import { button, byId } from '../dom.ts';
import { formatCount, formatDuration } from '../format.ts';
import { createAnswerView } from './answer-view.ts';
import type { AnswerView } from './answer-view.ts';
import type { Entry, ToolCall } from './conversation.ts';
import { outputView, userView } from './entry-view.ts';
import { createEventsPanel } from './events-panel.ts';
import { createPrefillPanel } from './prefill-panel.ts';
import { createRequestPanel } from './request-panel.ts';
import { requestOf } from './request.ts';
import type { ApiRequest } from './request.ts';
import { runRequest } from './run.ts';
import type { Outcome } from './run.ts';
import { createSettingsForm } from './settings-form.ts';
import { suggestionsFor } from './suggestions.ts';
import { wireTabs } from './tabs.ts';

export type Playground = { setModels(models: readonly string[], isSimulator: boolean): void };

/** The view where one talks to the gateway and sees what goes on behind. */
export function createPlayground(access: Access): Playground {
  const list = byId('entries', HTMLElement);
  const scroll = byId('conversation-scroll', HTMLElement);
  const empty = byId('conversation-empty', HTMLElement);
  const draft = byId('draft', HTMLTextAreaElement);
  const hint = byId('draft-hint', HTMLElement);
  const send = byId('send', HTMLButtonElement);
  const stop = byId('stop', HTMLButtonElement);
  const clear = byId('clear', HTMLButtonElement);
  const isTouched = matchMedia('(pointer: coarse)').matches;
  const form = createSettingsForm(() => refresh());
  const requestPanel = createRequestPanel(() => access.needsKey);
  const prefillPanel = createPrefillPanel(access);
  const events = createEventsPanel();

  let entries: Entry[] = [];
  let last: ApiRequest | null = null;
  let running: AbortController | null = null;
  /** Calls whose results are still to be given. */
  let pending: readonly ToolCall[] = [];

  /** Shows the request that comes next; once it has been sent, and nothing new is typed, the one that was. */
  function refresh(): void {
    const settings = form.read();
    const text = draft.value.trim();
    if (settings !== null) {
      const [request, note] =
        text !== ''
          ? [requestOf(settings, [...entries, { type: 'user', text }]), 'What Send would send now.']
          : last !== null
            ? [last, 'What was sent last.']
            : [
                requestOf(settings, [{ type: 'user', text: 'Say hello to the world' }]),
                'An example, until you type a message.',
              ];
      requestPanel.show(request, note);
      prefillPanel.show(request, note);
    }
    const isBlocked = running !== null || pending.length > 0;
    send.disabled = isBlocked;
    send.hidden = running !== null;
    stop.hidden = running === null;
    clear.disabled = entries.length === 0;
    empty.hidden = entries.length > 0;
    hint.textContent =
      pending.length > 0 && running === null
        ? 'The tool’s result comes first.'
        : isTouched
          ? ''
          : 'Enter sends, Shift+Enter begins a new line.';
  }

  function submit(): void {
    const text = draft.value.trim();
    if (text === '' || running !== null || pending.length > 0) return;
    if (form.read() === null) {
      form.focusProblem();
      return;
    }
    draft.value = '';
    add({ type: 'user', text }, userView(text));
    void answer();
  }

  function add(entry: Entry, view: HTMLElement): void {
    entries.push(entry);
    list.append(view);
  }

  /** Has the conversation as it stands answered. */
  async function answer(): Promise<void> {
    const settings = form.read();
    if (settings === null) {
      form.focusProblem();
      return;
    }
    const request = requestOf(settings, entries);
    last = request;
    const stopping = new AbortController();
    running = stopping;
    pending = [];
    events.clear();
    const view = createAnswerView(`${settings.model} · ${settings.api === 'chat' ? 'Chat Completions' : 'Responses'}`);
    list.append(view.element);
    scroll.scrollTop = scroll.scrollHeight;
    refresh();
    const outcome = await runRequest(
      access,
      request,
      {
        begun: view.setRequestId,
        frame: (frame) => events.add(frame, performance.now() - view.timing.sent),
        event: (event) => following(() => view.push(event)),
      },
      stopping.signal,
    );
    // Whoever starts over while an answer comes wants nothing of it.
    if (running !== stopping) return;
    running = null;
    following(() => conclude(view, outcome));
    refresh();
  }

  function conclude(view: AnswerView, outcome: Outcome): void {
    switch (outcome.type) {
      case 'ended': {
        const calls = view.said.filter((entry) => entry.type === 'call');
        const ending = calls.length > 0 ? 'Waits for a tool' : (endings[outcome.reason] ?? outcome.reason);
        view.end(ending, false);
        entries.push(...view.said);
        announce(`${ending}. ${summary(view)}`);
        if (calls.length > 0) askResults(view, calls);
        return;
      }
      case 'stopped':
        view.end('Stopped', false);
        // A call that was not written to its end can't be answered.
        entries.push(...view.said.filter(({ type, text }) => type !== 'call' && text !== ''));
        announce('Stopped.');
        return;
      case 'failed': {
        view.end(outcome.message, true);
        announce(`Failed: ${outcome.message}`);
        const length = entries.length;
        view.offerRetry(() => {
          if (running !== null || entries.length !== length) return;
          view.element.remove();
          void answer();
        });
      }
    }
  }

  function askResults(view: AnswerView, calls: readonly ToolCall[]): void {
    pending = calls;
    view.askResults(calls, (results) => {
      for (const [index, { callId, kind, name }] of calls.entries()) {
        const output = { type: 'output', callId, kind, text: results[index]! } as const;
        add(output, outputView(output, name));
      }
      void answer();
      draft.focus();
    });
  }

  /** Changes the conversation, and stays at its end if that is what was seen. */
  function following(change: () => void): void {
    const isAtEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 60;
    change();
    if (isAtEnd) scroll.scrollTop = scroll.scrollHeight;
  }

  byId('composer', HTMLFormElement).addEventListener('submit', (event) => {
    event.preventDefault();
    submit();
  });
  draft.addEventListener('keydown', (event) => {
    // Enter also ends the choice of a character in input methods; a keyboard on the screen has no Shift+Enter.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing || isTouched) return;
    event.preventDefault();
    submit();
  });
  draft.addEventListener('input', refresh);
  stop.addEventListener('click', () => {
    running?.abort();
    draft.focus();
  });
  clear.addEventListener('click', () => {
    running?.abort();
    running = null;
    pending = [];
    entries = [];
    last = null;
    list.replaceChildren();
    events.clear();
    refresh();
    draft.focus();
  });
  wireTabs(document.querySelector<HTMLElement>('.tabs')!, (panel) => prefillPanel.setShown(panel === 'panel-prefill'));
  refresh();

  return {
    setModels(models, isSimulator) {
      form.setModels(models);
      byId('suggestions', HTMLElement).replaceChildren(
        ...suggestionsFor(isSimulator).map(({ label, text }) =>
          button(label, {}, () => {
            draft.value = text;
            submit();
          }),
        ),
      );
      refresh();
    },
  };
}

/** What the reasons for an end are called here. */
const endings: { readonly [reason: string]: string } = {
  completed: 'Complete',
  stop: 'Complete',
  max_output_tokens: 'Cut off at the token limit',
  length: 'Cut off at the token limit',
};

function summary({ usage, timing }: AnswerView): string {
  if (usage === null || timing.ended === null) return '';
  return `${formatCount(usage.output)} tokens in ${formatDuration(timing.ended - timing.sent)}.`;
}
