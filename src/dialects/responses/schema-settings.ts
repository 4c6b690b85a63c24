import { z } from 'zod';
import { optional } from '../parse.ts';
import { jsonSchema, toolDescription } from '../tool-parts.ts';
import { toolName } from './schema-tools.ts';

export const textFormat = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text') }),
  z.object({ type: z.literal('json_object') }),
  z.object({
    type: z.literal('json_schema'),
    name: toolName,
    description: optional(toolDescription),
    schema: jsonSchema,
    strict: optional(z.boolean()),
  }),
]);

export type RequestFormat = z.infer<typeof textFormat>;
