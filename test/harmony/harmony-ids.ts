import { control } from '../../src/harmony/encoding.ts';
import type { Encoding } from '../../src/harmony/encoding.ts';

const idOf = new Map<string, number>(Object.entries(control).map(([name, id]) => [`<|${name}|>`, id]));

/** Harmony as it is written down to ids; `<|200013|>` stands for the id of that number. The opposite of harmonyText. */
export function harmonyIds(encoding: Encoding, text: string): number[] {
  return text.split(/(<\|\w+\|>)/u).flatMap((piece) => {
    const id = idOf.get(piece) ?? Number(/^<\|(\d+)\|>$/u.exec(piece)?.[1] ?? Number.NaN);
    return Number.isNaN(id) ? [...encoding.encode(piece)] : [id];
  });
}
