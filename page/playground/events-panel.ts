import { wireCopy } from '../copy.ts';
import { byId, element } from '../dom.ts';
import type { Frame } from '../event-stream.ts';
import { formatCount } from '../format.ts';

export type EventsPanel = {
  clear(): void;
  /** `at`: milliseconds since the request. */
  add(frame: Frame, at: number): void;
};

/** Events that are shown; a long answer has tens of thousands, and the latest of them matter. */
const mostShown = 500;

export function createEventsPanel(): EventsPanel {
  const list = byId('events', HTMLElement);
  const count = byId('events-count', HTMLElement);
  const copy = byId('copy-events', HTMLButtonElement);
  let total = 0;
  let waiting: HTMLElement[] = [];
  let texts: string[] = [];

  /** Once a frame: a burst of events is one change of the page. */
  function draw(): void {
    const isAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
    list.append(...waiting.slice(-mostShown));
    waiting = [];
    while (list.childElementCount > mostShown) list.firstElementChild!.remove();
    count.textContent =
      total > mostShown
        ? `${formatCount(total)} events, the last ${mostShown} shown`
        : `${formatCount(total)} ${total === 1 ? 'event' : 'events'}`;
    copy.disabled = false;
    if (isAtEnd) list.scrollTop = list.scrollHeight;
  }

  wireCopy(copy, list, () => texts.join('\n\n'));
  return {
    clear() {
      total = 0;
      waiting = [];
      texts = [];
      list.replaceChildren();
      count.textContent = 'No events yet';
      copy.disabled = true;
    },
    add({ event, data, text }, at) {
      total += 1;
      texts.push(text);
      if (texts.length > mostShown) texts = texts.slice(-mostShown);
      const item = element('li', {}, element('span', { class: 'at' }, `${Math.round(at)} ms`));
      if (event !== null) item.append(element('span', { class: 'name' }, event), element('br'));
      item.append(...breakable(data ?? text));
      if (waiting.length === 0) requestAnimationFrame(draw);
      waiting.push(item);
    },
  };
}

/** JSON on one line, which may be broken between its members. What is copied from it is the same. */
function breakable(json: string): Node[] {
  return json.split(/(?<=,)(?=["{])/).flatMap((part) => [document.createTextNode(part), element('wbr')]);
}
