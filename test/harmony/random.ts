/** A seeded source of choices: the same seed makes the same choices on every machine. */
export type Random = {
  /** An integer from 0 up to, not including, `limit`. */
  below(limit: number): number;
  /** Whether something of this probability happens. */
  chance(probability: number): boolean;
  pick<T>(choices: readonly T[]): T;
  /** Between `least` and `most` values. */
  list<T>(least: number, most: number, make: () => T): T[];
};

/** Mulberry32. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const unit = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(unit() * limit);
  return {
    below,
    chance: (probability) => unit() < probability,
    pick<T>(choices: readonly T[]): T {
      return choices[below(choices.length)]!;
    },
    list: (least, most, make) => Array.from({ length: least + below(most - least + 1) }, make),
  };
}
