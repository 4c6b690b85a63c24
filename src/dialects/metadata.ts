import { z } from 'zod';

/** OpenAI's limits: 16 pairs, keys of 64 characters, values of 512. */
export const metadata = z
  .record(z.string().max(64), z.string().max(512))
  .refine((pairs) => Object.keys(pairs).length <= 16, { error: 'expected at most 16 pairs' });
