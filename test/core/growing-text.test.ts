import { expect, test } from 'vitest';
import { addPiece, emptyText, isEmptyText, wholeText } from '../../src/core/growing-text.ts';

test('a text that grows by pieces is whole after each', () => {
  const text = emptyText();
  let expected = '';
  expect(isEmptyText(text)).toBe(true);
  for (let count = 0; count < 100; count += 1) {
    expect(wholeText(text)).toBe(expected);
    addPiece(text, `${count} `);
    expected += `${count} `;
    expect(isEmptyText(text)).toBe(false);
  }
});

test('pieces without text add nothing', () => {
  const text = emptyText();
  for (const piece of ['', 'a', '', '']) addPiece(text, piece);
  expect(wholeText(text)).toBe('a');
});
