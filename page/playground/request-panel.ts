import { wireCopy } from '../copy.ts';
import { byId } from '../dom.ts';
import type { ApiRequest } from './request.ts';
import { snippet } from './snippets.ts';
import type { Language } from './snippets.ts';

/** Shows a request in the language that is chosen. */
export function createRequestPanel(needsKey: () => boolean): { show(request: ApiRequest, note: string): void } {
  const panel = byId('panel-request', HTMLElement);
  const text = byId('request-text', HTMLElement);
  let shown: ApiRequest | null = null;

  const draw = () => {
    if (shown === null) return;
    const language = panel.querySelector<HTMLInputElement>('[name="language"]:checked')!.value as Language;
    const drawn = snippet(language, shown, { origin: location.origin, needsKey: needsKey() });
    if (text.textContent !== drawn) text.textContent = drawn;
  };
  panel.addEventListener('change', draw);
  wireCopy(byId('copy-request', HTMLButtonElement), text, () => text.textContent);

  return {
    show(request, note) {
      shown = request;
      byId('request-note', HTMLElement).textContent = note;
      draw();
    },
  };
}
