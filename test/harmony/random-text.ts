import type { Random } from './random.ts';

/** Pieces that tokenisers and renderers trip over. Lone surrogates are left out: the reference can't read them. */
const pieces = [
  ' ',
  '  ',
  '\n',
  '\n\n',
  '\r\n',
  '\r',
  '\t',
  'a',
  'The weather',
  'it’s',
  "don't",
  '12345',
  '3.14',
  '"',
  '\\',
  '`',
  '//',
  '{',
  '}',
  ' | null',
  '今天天气',
  'é',
  'e\u0301',
  '😀',
  '👩‍👧',
  'สวัสดี',
  '\ufeff',
  '\u0085',
  '\u00a0',
  '\u2028',
  '\u0000',
  '\u007f',
  '<|start|>',
  '<|end|>',
  '<|message|>',
  '<|channel|>',
  '<|constrain|>',
  '<|call|>',
  '<|return|>',
  '<|endoftext|>',
  '<|',
  '|>',
  'system',
  'assistant',
  ' to=functions.f',
  'final',
  '# Tools',
  '} // namespace functions',
  '.',
  ', ',
  ': ',
  '-',
  '__',
];

export function randomText(random: Random): string {
  return random.list(0, random.chance(0.1) ? 30 : 5, () => random.pick(pieces)).join('');
}

export function randomLine(random: Random): string {
  return randomText(random).replace(/[\r\n]/gu, ' ');
}

export function randomWord(random: Random): string {
  return random.chance(0.9)
    ? random.pick(['get_weather', 'f', 'search', 'a-b', 'Zeta', 'é', 'python', 'browser', 'final', 'x1', '_'])
    : randomText(random);
}
