import { ApiFailure, createAccess } from './access.ts';
import { createDashboard } from './dashboard/dashboard.ts';
import { byId, button, element } from './dom.ts';
import { wireKeyDialog } from './key-dialog.ts';
import { createPlayground } from './playground/playground.ts';
import { wireTheme } from './theme.ts';

wireTheme(byId('theme-button', HTMLButtonElement));
const access = createAccess({ denied: () => keyDialog.ask() });
const keyDialog = wireKeyDialog(access, () => void begin());
const playground = createPlayground(access);
const dashboard = createDashboard(access);

const notice = byId('notice', HTMLElement);
const views = [
  { name: 'playground', title: 'Playground', element: byId('playground-view', HTMLElement) },
  { name: 'dashboard', title: 'Dashboard', element: byId('dashboard-view', HTMLElement) },
] as const;

/** The gateway has answered, and with what it answered the page can work. */
let begun = false;

/** Asks who answers here and which models there are; the page can do nothing before it knows. */
async function begin(): Promise<void> {
  try {
    const answer = await access.send('/v1/models');
    const { data } = (await answer.json()) as { readonly data: readonly { readonly id: string }[] };
    notice.hidden = true;
    begun = true;
    // What was refused without a key is asked for anew.
    dashboard.setShown(false);
    const backend = answer.headers.get('x-codexpc-backend') ?? '';
    showBackend(backend);
    playground.setModels(
      data.map(({ id }) => id),
      backend === 'simulator',
    );
    showView();
  } catch (error) {
    if (error instanceof ApiFailure && error.status === 401) {
      notice.replaceChildren('This gateway asks for an API key.', button('Enter the key', {}, keyDialog.open));
    } else {
      const text = error instanceof ApiFailure ? error.message : 'The page could not be started.';
      notice.replaceChildren(
        text,
        button('Try again', {}, () => void begin()),
      );
    }
    notice.hidden = false;
  }
}

function showBackend(name: string): void {
  const badge = byId('backend', HTMLElement);
  const isSimulator = name === 'simulator';
  badge.hidden = false;
  badge.replaceChildren(
    isSimulator ? 'Simulator' : name,
    isSimulator ? element('span', { class: 'badge-detail' }, ': no model, answers are made up') : '',
  );
  badge.classList.toggle('simulator', isSimulator);
}

function showView(): void {
  const shown = views.find(({ name }) => location.hash === `#${name}`) ?? views[0];
  for (const { name, element } of views) {
    const isShown = name === shown.name;
    element.hidden = !isShown || !begun;
    const link = byId(`to-${name}`, HTMLAnchorElement);
    if (isShown) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  document.title = `${shown.title} – codexpc-gateway`;
  dashboard.setShown(begun && shown.name === 'dashboard' && !document.hidden);
}

// Its address is no view's.
byId('skip', HTMLAnchorElement).addEventListener('click', (event) => {
  event.preventDefault();
  byId('main', HTMLElement).focus();
});

addEventListener('hashchange', showView);
document.addEventListener('visibilitychange', showView);
showView();
void begin();
