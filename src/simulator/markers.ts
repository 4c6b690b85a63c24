import { control } from '../harmony/encoding.ts';
import type { Encoding } from '../harmony/encoding.ts';

const ids = new Map<string, number>(Object.entries(control));

/** Tokens of a text whose markers, as in `<|channel|>` or `<|reserved_200013|>`, stand for control tokens. */
export function encodeMarkers(text: string, encoding: Encoding): number[] {
  const tokens: number[] = [];
  // The odd pieces are the names between the markers' brackets.
  for (const [index, piece] of text.split(/<\|([a-z_0-9]+)\|>/u).entries()) {
    if (index % 2 === 0) {
      tokens.push(...encoding.encode(piece));
      continue;
    }
    const id = ids.get(piece) ?? Number(/^reserved_(\d{6})$/u.exec(piece)?.[1] ?? NaN);
    if (Number.isNaN(id)) tokens.push(...encoding.encode(`<|${piece}|>`));
    else tokens.push(id);
  }
  return tokens;
}
