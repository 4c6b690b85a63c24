import { control } from '../../src/harmony/encoding.ts';
import type { Segment } from '../../src/harmony/render.ts';

const nameOf = new Map<number, string>(Object.entries(control).map(([name, id]) => [id, `<|${name}|>`]));

/** Segments as Harmony is written down: control tokens by name, texts as they are. */
export function harmonyText(segments: readonly Segment[]): string {
  return segments
    .map((segment) => (typeof segment === 'number' ? (nameOf.get(segment) ?? `<|${segment}|>`) : segment))
    .join('');
}

/** The control tokens alone, in order: what gives a rendering its structure. */
export function controlTokens(segments: readonly Segment[]): number[] {
  return segments.filter((segment) => typeof segment === 'number');
}
