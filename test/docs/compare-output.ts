import { expect } from 'vitest';

/**
 * Holds what a document shows as output to the real one. In the document, `…` stands for anything within its line, and
 * a line of its own for any number of lines. Blanks at the ends of lines, and around the whole, don't count.
 */
export function expectOutput(real: string, shown: string): void {
  if (matches(real, shown)) return;
  // Fails, with a difference that can be read.
  expect(tidy(real)).toBe(tidy(shown));
}

export function matches(real: string, shown: string): boolean {
  const pattern = tidy(shown)
    .split('\n')
    .map((line) => (line.trim() === '…' ? '(?:.*\n)*?' : `${line.split('…').map(escape).join('.*?')}\n`));
  return new RegExp(`^${pattern.join('')}$`).test(`${tidy(real)}\n`);
}

const escape = (text: string) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

const tidy = (text: string) => text.replace(/[ \t]+$/gm, '').trim();
