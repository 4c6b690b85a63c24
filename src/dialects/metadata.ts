import { z } from 'zod';
import { parseRequest } from './parse.ts';

/** OpenAI's limits: 16 pairs, keys of 64 characters, values of 512. */
export const metadata = z
  .record(z.string().max(64), z.string().max(512))
  .refine((pairs) => Object.keys(pairs).length <= 16, { error: 'expected at most 16 pairs' });

export type Metadata = z.infer<typeof metadata>;

/** A body that labels something anew. Only an explicit null takes its labels away. */
export const metadataUpdate = z.object({ metadata: metadata.nullable() });

/** The metadata that take the place of the old. @throws GatewayError naming the field at fault. */
export function parseMetadataUpdate(body: unknown): Metadata {
  return parseRequest(metadataUpdate, body).metadata ?? {};
}
