import { announce } from './announce.ts';

/** Milliseconds for which a button says what it has done. */
const shown = 1500;

/** A button that copies a text. Without a clipboard, as on plain HTTP from elsewhere, the text is selected instead. */
export function wireCopy(button: HTMLButtonElement, source: HTMLElement, text: () => string): void {
  const label = button.textContent;
  const say = (what: string) => {
    button.textContent = what;
    announce(what);
    setTimeout(() => {
      button.textContent = label;
    }, shown);
  };
  button.addEventListener('click', () => {
    const clipboard = navigator.clipboard as Clipboard | undefined;
    (clipboard?.writeText(text()) ?? Promise.reject(new Error('no clipboard'))).then(
      () => say('Copied'),
      () => {
        getSelection()?.selectAllChildren(source);
        say('Selected');
      },
    );
  });
}
