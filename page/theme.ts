const themes = ['system', 'light', 'dark'] as const;

/** A button that goes round the themes and remembers what was chosen. */
export function wireTheme(button: HTMLButtonElement): void {
  const root = document.documentElement;
  let theme = themes.find((name) => name === localStorage.getItem('theme')) ?? 'system';
  const show = () => {
    button.textContent = `Theme: ${theme}`;
    if (theme === 'system') {
      delete root.dataset['theme'];
      localStorage.removeItem('theme');
    } else {
      root.dataset['theme'] = theme;
      localStorage.setItem('theme', theme);
    }
  };
  button.addEventListener('click', () => {
    theme = themes[(themes.indexOf(theme) + 1) % themes.length]!;
    show();
  });
  show();
}
