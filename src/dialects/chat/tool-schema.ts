import { z } from 'zod';
import { optional } from '../parse.ts';
import { grammarDefinition, jsonSchema, toolDescription } from '../tool-parts.ts';

/** OpenAI's rule for names of functions, custom tools and answer formats. */
export const name = z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/, {
  error: 'expected 1 to 64 letters, digits, underscores and dashes',
});

const functionDefinition = z.object({
  name,
  description: optional(toolDescription),
  parameters: optional(jsonSchema),
  strict: optional(z.boolean()),
});

export type FunctionDefinition = z.infer<typeof functionDefinition>;

const customFormat = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text') }),
  z.object({
    type: z.literal('grammar'),
    grammar: z.object({ syntax: z.enum(['lark', 'regex']), definition: grammarDefinition }),
  }),
]);

/** A tool as the Responses API writes it is a mistake worth its own words: it is one move of `name` away. */
const notOfResponses = z.unknown().superRefine((value, context) => {
  if (typeof value !== 'object' || value === null || !('type' in value) || !('name' in value)) return;
  const { type } = value;
  if ((type !== 'function' && type !== 'custom') || type in value) return;
  context.addIssue({
    code: 'custom',
    message: `this is a tool as the Responses API writes it; here its name belongs into an object '${type}', as in {"type": "${type}", "${type}": {"name": …}}`,
  });
});

export const tool = notOfResponses.pipe(
  z.discriminatedUnion('type', [
    z.object({ type: z.literal('function'), function: functionDefinition }),
    z.object({
      type: z.literal('custom'),
      custom: z.object({ name, description: optional(toolDescription), format: optional(customFormat) }),
    }),
  ]),
);

export type ChatTool = z.infer<typeof tool>;

export const legacyFunction = functionDefinition.omit({ strict: true });

const named = { name: z.string() };

const toolName = z.discriminatedUnion('type', [
  z.object({ type: z.literal('function'), function: z.object(named) }),
  z.object({ type: z.literal('custom'), custom: z.object(named) }),
]);

export type ToolName = z.infer<typeof toolName>;

/** `"auto"` and its like become `{ type: 'auto' }`, so that whoever reads a choice reads one kind of value. */
export const toolChoice = z.union(
  [
    z.enum(['none', 'auto', 'required']).transform((type) => ({ type })),
    z.discriminatedUnion('type', [
      ...toolName.options,
      z.object({
        type: z.literal('allowed_tools'),
        allowed_tools: z.object({ mode: z.enum(['auto', 'required']), tools: z.array(toolName).min(1) }),
      }),
    ]),
  ],
  { error: "expected 'none', 'auto', 'required' or an object that names tools" },
);

export type ChatToolChoice = z.infer<typeof toolChoice>;

export const functionCall = z.union([z.enum(['none', 'auto']), z.object(named)], {
  error: "expected 'none', 'auto' or an object with a name",
});
