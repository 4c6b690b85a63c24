import type { Access } from '../access.ts';
import { wireCopy } from '../copy.ts';
import { byId, element } from '../dom.ts';
import { formatCount } from '../format.ts';
import type { ApiRequest } from './request.ts';

type Piece = { readonly control: boolean; readonly text: string; readonly ids: readonly number[] };

export type PrefillPanel = {
  /** What the engine would read for this request; asked for only while the panel is shown. */
  show(request: ApiRequest, note: string): void;
  setShown(isShown: boolean): void;
};

/** Milliseconds without a change after which it is asked for. */
const patience = 250;

export function createPrefillPanel(access: Access): PrefillPanel {
  const panel = byId('panel-prefill', HTMLElement);
  const text = byId('prefill-text', HTMLElement);
  const count = byId('prefill-count', HTMLElement);
  const note = byId('prefill-note', HTMLElement);
  const copy = byId('copy-prefill', HTMLButtonElement);
  let wanted: { readonly request: ApiRequest; readonly note: string } | null = null;
  /** The body that is shown, or being asked for. */
  let asked = '';
  let isShown = false;
  let pieces: readonly Piece[] = [];
  let asking = new AbortController();
  let timer = 0;

  function refresh(): void {
    clearTimeout(timer);
    if (isShown && wanted !== null) timer = setTimeout(() => void ask(), patience);
  }

  async function ask(): Promise<void> {
    if (wanted === null) return;
    const { api, body } = wanted.request;
    note.textContent = wanted.note;
    const key = JSON.stringify([api, body]);
    if (key === asked) return;
    asked = key;
    asking.abort();
    asking = new AbortController();
    const { signal } = asking;
    try {
      const answer = await access.send('/gateway/prefill', { body: { api, body }, signal });
      ({ pieces } = (await answer.json()) as { readonly pieces: readonly Piece[] });
      draw();
    } catch (error) {
      if (signal.aborted) return;
      // Asked for again when anything changes, or the panel is opened anew.
      asked = '';
      pieces = [];
      draw();
      note.textContent = (error as Error).message;
    }
  }

  function draw(): void {
    const view = panel.querySelector<HTMLInputElement>('[name="prefill"]:checked')!.value;
    const tokens = pieces.reduce((sum, { ids }) => sum + ids.length, 0);
    count.textContent = pieces.length === 0 ? '' : `${formatCount(tokens)} tokens`;
    copy.disabled = pieces.length === 0;
    text.replaceChildren(...messagesOf(pieces).map((message) => messageNode(message, view === 'ids')));
  }

  panel.addEventListener('change', draw);
  wireCopy(copy, text, () => text.textContent);

  return {
    show(request, what) {
      wanted = { request, note: what };
      refresh();
    },
    setShown(now) {
      isShown = now;
      refresh();
    },
  };
}

/** A message begins where a `<|start|>` stands. */
function messagesOf(pieces: readonly Piece[]): Piece[][] {
  const messages: Piece[][] = [];
  for (const piece of pieces) {
    const isStart = piece.control && piece.text === '<|start|>';
    if (isStart || messages.length === 0) messages.push([]);
    messages.at(-1)!.push(piece);
  }
  return messages;
}

function messageNode(message: readonly Piece[], asIds: boolean): Node {
  return element('span', { class: 'message' }, ...message.map(asIds ? idsNode : textNode));
}

/** A text is shown as it is: one that looks like a control token has no mark. */
function textNode({ control, text }: Piece): Node {
  return control ? element('span', { class: 'control' }, text) : document.createTextNode(text);
}

function idsNode({ control, text, ids }: Piece): Node {
  if (!control) return document.createTextNode(`${ids.join(' ')} `);
  const mark = element('span', { class: 'control', title: text }, String(ids[0]));
  return element('span', {}, mark, ' ');
}
