import { button, element } from '../dom.ts';
import type { Said, ToolOutput } from './conversation.ts';

export function userView(text: string): HTMLElement {
  const who = element('span', { class: 'hidden' }, 'You: ');
  return element('li', { class: 'entry-user said' }, who, text);
}

export function outputView({ text }: ToolOutput, name: string): HTMLElement {
  const who = element('span', { class: 'hidden' }, `Result of ${name}: `);
  return element('li', { class: 'entry-output said' }, who, text === '' ? '(nothing)' : text);
}

/** Something that is being said, and grows. */
export type SaidView = {
  readonly element: HTMLElement;
  append(text: string): void;
  /** Nothing more will come. */
  end(): void;
};

export function saidView(entry: Said): SaidView {
  const text = document.createTextNode(entry.text);
  const append = (more: string) => text.appendData(more);
  switch (entry.type) {
    case 'text': {
      const isPreamble = entry.phase === 'commentary';
      return { element: element('div', { class: isPreamble ? 'said commentary' : 'said' }, text), append, end() {} };
    }
    case 'reasoning': {
      const summary = element('summary', {}, 'Reasoning');
      const details = element('details', { class: 'reasoning', open: true }, summary);
      details.append(element('div', { class: 'said' }, text));
      return {
        element: details,
        append,
        end() {
          summary.textContent = `Reasoning · ${text.length} characters`;
          details.open = false;
        },
      };
    }
    case 'call': {
      const name = element('div', { class: 'call-name' }, `${entry.name}()`);
      const view = element('div', { class: 'call' }, name, element('pre', {}, text));
      return {
        element: view,
        append,
        end() {
          if (entry.kind === 'function') text.data = indented(text.data);
        },
      };
    }
  }
}

function indented(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    return json;
  }
}

/** Forms beneath the calls of an answer, and one button that sends what stands in them. */
export function resultForm(
  calls: readonly { readonly callId: string; readonly name: string; readonly view: HTMLElement }[],
  send: (results: readonly string[]) => void,
): { readonly element: HTMLElement; focus(): void } {
  const fields = calls.map(({ callId, name, view }) => {
    const id = `result-${callId}`;
    const field = element('textarea', { id, class: 'code', rows: 2, spellcheck: 'false' });
    view.append(element('label', { for: id }, `Result of ${name}`), field);
    return field;
  });
  const row = element('div', { class: 'call-row' });
  row.append(
    button(calls.length === 1 ? 'Send the result' : 'Send the results', { class: 'primary' }, () => {
      row.remove();
      for (const field of fields) {
        field.previousElementSibling?.remove();
        field.remove();
      }
      send(fields.map(({ value }) => value));
    }),
  );
  return { element: row, focus: () => fields[0]?.focus() };
}
