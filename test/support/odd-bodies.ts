import { expect } from 'vitest';
import { GatewayError } from '../../src/core/errors.ts';
import { createRandom } from '../harmony/random.ts';
import type { Random } from '../harmony/random.ts';

const odd = [
  null,
  true,
  0,
  -1,
  1e308,
  '',
  'tool',
  [],
  [null],
  [[]],
  {},
  { type: 'function' },
  { role: 'tool' },
  { id: 1 },
  { length: 1 },
];
const rounds = 3000;

/**
 * Spoils a body that has everything in it, here and there, thousands of times: each time it must be answered, or refused
 * by a 400 that says where the fault is.
 */
export function expectSoundAnswers(rich: object, answer: (body: unknown) => void): void {
  const random = createRandom(20_251_124);
  let refused = 0;
  let accepted = 0;
  for (let round = 0; round < rounds; round++) {
    let body: unknown = rich;
    for (let times = random.below(3); times >= 0; times--) body = spoil(body, random);
    try {
      answer(body);
      accepted += 1;
    } catch (error) {
      if (!(error instanceof GatewayError)) throw new Error(JSON.stringify(body), { cause: error });
      expect(error.status).toBe(400);
      expect(error.message).not.toMatch(/Invalid input|Invalid discriminator|undefined|\[object/);
      // Only a body that is no object at all has no field to name.
      if (error.param === null) expect(isObject(body)).toBe(false);
      refused += 1;
    }
  }
  // Both kinds were met often, or this would show little.
  expect(accepted).toBeGreaterThan(200);
  expect(refused).toBeGreaterThan(200);
}

/** The value with something odd, or nothing, somewhere inside it. */
function spoil(value: unknown, random: Random): unknown {
  if (typeof value !== 'object' || value === null || random.below(5) === 0) return random.pick(odd);
  const copy: unknown[] | Record<string, unknown> = Array.isArray(value) ? [...(value as unknown[])] : { ...value };
  const keys = Object.keys(copy);
  if (keys.length === 0) return random.pick(odd);
  const key = random.pick(keys);
  if (!Array.isArray(copy) && random.below(8) === 0) delete copy[key];
  else Object.assign(copy, { [key]: spoil((copy as Record<string, unknown>)[key], random) });
  return copy;
}

function isObject(body: unknown): boolean {
  return typeof body === 'object' && body !== null && !Array.isArray(body);
}
