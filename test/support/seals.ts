import { createSeals } from '../../src/dialects/responses/seals.ts';
import type { Seals } from '../../src/dialects/responses/seals.ts';

/** Seals that are the same in every run. Their nonces count, which real ones must never do. */
export function exactSeals(): Seals {
  let count = 0;
  return createSeals({
    key: () => new Uint8Array(32).fill(7),
    random(length) {
      const bytes = Buffer.alloc(length);
      bytes.writeUInt32BE((count += 1), length - 4);
      return bytes;
    },
  });
}
