export type Figure = {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** The largest value that is good enough; null: the figure only explains others. */
  readonly goal: number | null;
};

/** Prints figures, a line each. */
export function printFigures(title: string, figures: readonly Figure[]): void {
  console.log(`\n${title}`);
  for (const { name, value, unit, goal } of figures) {
    const verdict = goal === null ? '' : `  (goal: at most ${goal}${unit}; ${value <= goal ? 'met' : 'MISSED'})`;
    console.log(`  ${name.padEnd(58)} ${`${rounded(value)}${unit}`.padStart(10)}${verdict}`);
  }
}

function rounded(value: number): string {
  return value.toFixed(Math.abs(value) < 10 ? 2 : Math.abs(value) < 100 ? 1 : 0);
}
