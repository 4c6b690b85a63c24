import type { JsonSchema } from '../core/turn.ts';

/** A number within a schema's bounds, 1 where it is free; undefined: none is. `index` tells it from its neighbours. */
export function sampleNumber(schema: JsonSchema, integer: boolean, index: number): number | undefined {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  const step = typeof multipleOf === 'number' && multipleOf > 0 ? multipleOf : 1;
  const onGrid = integer || typeof multipleOf === 'number';
  const fits = (value: number) =>
    !(typeof minimum === 'number' && value < minimum) &&
    !(typeof maximum === 'number' && value > maximum) &&
    !(typeof exclusiveMinimum === 'number' && value <= exclusiveMinimum) &&
    !(typeof exclusiveMaximum === 'number' && value >= exclusiveMaximum) &&
    (!integer || Number.isInteger(value));

  const low = Math.max(typeof minimum === 'number' ? minimum : -Infinity, number(exclusiveMinimum, -Infinity));
  const high = Math.min(typeof maximum === 'number' ? maximum : Infinity, number(exclusiveMaximum, Infinity));
  const near = Math.min(Math.max(1, low), high);
  const grid = Math.ceil(near / step);
  const candidates = [0, 1, -1, 2, -2].map((offset) => (grid + offset + index) * step);
  if (!onGrid) candidates.push(near, (Math.max(low, near - 1) + Math.min(high, near + 1)) / 2);
  // A multiple of 0.5 may be asked to be an integer.
  for (let offset = 0; integer && offset < 100; offset++) candidates.push((grid + offset) * step);
  return candidates.find(fits);
}

function number(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise;
}
