import { z } from 'zod';
import { optional } from './parse.ts';
import type { FieldRule } from './support.ts';

/** `stream_options` of Chat Completions, old and new. */
export const streamOptions = z.object({
  include_usage: optional(z.boolean()),
  include_obfuscation: optional(z.boolean()),
});

export const streamOptionFields: readonly FieldRule[] = [
  { field: 'stream_options', support: 'honoured', note: '' },
  { field: 'stream_options.include_usage', support: 'honoured', note: '' },
  {
    field: 'stream_options.include_obfuscation',
    support: 'honoured',
    note: 'false when absent: the stream is meant for this machine; true pads the deltas to multiples of 16 bytes',
  },
];
