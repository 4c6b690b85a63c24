import { z } from 'zod';
import { orWord, writtenAs } from '../json-schema.ts';
import { optional } from '../parse.ts';
import { grammarDefinition, jsonSchema, toolDescription } from '../tool-parts.ts';
import { hostedTools } from './hosted-tools.ts';
import type { HostedFamily } from './hosted-tools.ts';

/** OpenAI's rule for names of tools and answer formats, but longer ones pass: agents join server and tool name. */
export const toolName = z
  .string()
  .max(256)
  .regex(/^[a-zA-Z0-9_-]+$/, { error: 'expected letters, digits, underscores and dashes' });

const functionTool = z.object({
  type: z.literal('function'),
  name: toolName,
  description: optional(toolDescription),
  parameters: optional(jsonSchema),
  strict: optional(z.boolean()),
});

const customFormat = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text') }),
  z.object({ type: z.literal('grammar'), syntax: z.enum(['lark', 'regex']), definition: grammarDefinition }),
]);

const customTool = z.object({
  type: z.literal('custom'),
  name: toolName,
  description: optional(toolDescription),
  format: optional(customFormat),
});

const callable = z.preprocess(refuseChatShape, z.discriminatedUnion('type', [functionTool, customTool]));

/** What `asHosted` puts in the place of a hosted tool. */
const hosted = z.object({ type: z.literal('hosted'), hosted: z.string(), family: z.custom<HostedFamily>() }).meta(
  writtenAs(() => ({
    type: 'object',
    properties: { type: { type: 'string', pattern: `^(${hostedFamilies.join('|')})(_|$)` } },
    required: ['type'],
    description: 'A hosted tool; it is accepted and left out.',
  })),
);

export const tool = z.preprocess(
  (value, context) => asHosted(refuseChatShape(value, context)),
  z.discriminatedUnion(
    'type',
    [
      functionTool,
      customTool,
      z.object({
        type: z.literal('namespace'),
        name: toolName,
        description: optional(toolDescription),
        tools: z.array(callable),
      }),
      hosted,
    ],
    orHosted("'function', 'custom', 'namespace'"),
  ),
);

export type CallableTool = z.infer<typeof callable>;
export type RequestTool = z.infer<typeof tool>;

/** What an unknown type could have been; `hosted` is this file's own word and no client's. */
function orHosted(types: string): { error: z.core.$ZodErrorMap } {
  return {
    error: (issue) =>
      issue.code === 'invalid_union' ? `expected one of ${types} or the type of a hosted tool` : undefined,
  };
}

const hostedFamilies = Object.keys(hostedTools) as HostedFamily[];

function familyOf(type: string): HostedFamily | undefined {
  return hostedFamilies.find((family) => type === family || type.startsWith(`${family}_`));
}

function asHosted(value: unknown): unknown {
  const type = typeOf(value);
  const family = type === null ? undefined : familyOf(type);
  return family === undefined ? value : { type: 'hosted', hosted: type, family };
}

/** A tool as Chat Completions writes it is a mistake worth its own words: it is one move of `name` away. */
function refuseChatShape(value: unknown, context: z.core.$RefinementCtx): unknown {
  const type = typeOf(value);
  if ((type === 'function' || type === 'custom') && type in (value as object) && !('name' in (value as object))) {
    context.addIssue({
      code: 'custom',
      message: `this is a tool as Chat Completions writes it; in the Responses API the fields of '${type}' stand beside 'type', as in {"type": "${type}", "name": …}`,
    });
  }
  return value;
}

function typeOf(value: unknown): string | null {
  if (typeof value !== 'object' || value === null || !('type' in value)) return null;
  return typeof value.type === 'string' ? value.type : null;
}

const toolReference = z.discriminatedUnion('type', [
  z.object({ type: z.literal('function'), name: z.string(), namespace: optional(z.string()) }),
  z.object({ type: z.literal('custom'), name: z.string(), namespace: optional(z.string()) }),
]);

/** `"auto"` and its like become `{ type: 'auto' }`, so that one union covers both ways of writing. */
const choice = z.preprocess(
  (value) => asHosted(typeof value === 'string' ? { type: value } : value),
  z.discriminatedUnion(
    'type',
    [
      z.object({ type: z.literal('none') }),
      z.object({ type: z.literal('auto') }),
      z.object({ type: z.literal('required') }),
      ...toolReference.options,
      z.object({
        type: z.literal('allowed_tools'),
        mode: z.enum(['auto', 'required']).default('auto'),
        tools: z.array(
          z.preprocess(
            asHosted,
            z.discriminatedUnion('type', [...toolReference.options, hosted], orHosted("'function', 'custom'")),
          ),
        ),
      }),
      hosted,
    ],
    orHosted("'none', 'auto', 'required', 'function', 'custom', 'allowed_tools'"),
  ),
);

export const toolChoice = choice.meta(orWord('none', 'auto', 'required'));

export type RequestToolChoice = z.infer<typeof toolChoice>;
export type RequestToolReference = z.infer<typeof toolReference>;
