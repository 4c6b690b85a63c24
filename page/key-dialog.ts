import type { Access } from './access.ts';
import { byId } from './dom.ts';

export type KeyDialog = {
  /** Opens the form, unless it was put off. */
  ask(): void;
  open(): void;
};

/** The form that asks for an API key. `taken` is told when one was accepted. */
export function wireKeyDialog(access: Access, taken: () => void): KeyDialog {
  const dialog = byId('key-dialog', HTMLDialogElement);
  const form = byId('key-form', HTMLFormElement);
  const input = byId('key', HTMLInputElement);
  const problem = byId('key-problem', HTMLElement);
  const shower = byId('key-button', HTMLButtonElement);

  let isPutOff = false;

  const open = () => {
    if (dialog.open) return;
    input.value = '';
    say('');
    dialog.showModal();
  };
  const say = (text: string) => {
    problem.textContent = text;
    if (text === '') input.removeAttribute('aria-invalid');
    else input.setAttribute('aria-invalid', 'true');
  };

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    access.useKey(input.value.trim()).then(
      (isTaken) => {
        if (!isTaken) {
          say('The gateway does not know this key.');
          input.select();
          return;
        }
        dialog.close();
        taken();
      },
      () => say('The gateway does not answer. Is it still running?'),
    );
  });
  byId('key-cancel', HTMLButtonElement).addEventListener('click', () => dialog.close());
  dialog.addEventListener('close', () => {
    isPutOff = true;
  });
  shower.addEventListener('click', open);
  return {
    open,
    ask() {
      shower.hidden = false;
      if (!isPutOff) open();
    },
  };
}
