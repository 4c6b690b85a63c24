import { z } from 'zod';
import type { Effort } from '../core/turn.ts';

/** The efforts that OpenAI's APIs have. */
export const effort = z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']);

export type RequestEffort = z.infer<typeof effort>;

/** What becomes of them; for the support tables. */
export const effortNote =
  'GPT-OSS knows low, medium and high: `minimal` is low, `xhigh` and `max` are high, `none` answers at once';

export function toEffort(asked: RequestEffort): Effort {
  switch (asked) {
    case 'none':
      return 'none';
    case 'minimal':
    case 'low':
      return 'low';
    case 'medium':
      return 'medium';
    case 'high':
    case 'xhigh':
    case 'max':
      return 'high';
  }
}
