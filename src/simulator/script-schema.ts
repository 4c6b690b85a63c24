import { z } from 'zod';
import { directiveForms, failMessage, parseDirective } from './directives.ts';
import type { SimulatorScript } from './script.ts';
import type { JsonValue, Step } from './step.ts';

const json: z.ZodType<JsonValue> = z.lazy(() =>
  z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(json), z.record(z.string(), json)]),
);

/** A directive in a line, as in `say Hello`, or one of the forms that need more than a line. */
const step = z.union([
  z.string().transform((directive, context): Step => {
    const parsed = parseDirective(directive);
    if (parsed !== null) return parsed;
    context.addIssue(`"${directive}" is none of: ${directiveForms.join(', ')}`);
    return z.NEVER;
  }),
  z.strictObject({ say: z.string() }).transform(({ say }): Step => ({ type: 'say', text: say })),
  z.strictObject({ think: z.string() }).transform(({ think }): Step => ({ type: 'think', text: think })),
  z.strictObject({ raw: z.string() }).transform(({ raw }): Step => ({ type: 'raw', text: raw })),
  z
    .strictObject({ tokens: z.array(z.number().int().min(0).max(0xffffffff)) })
    .transform(({ tokens }): Step => ({ type: 'tokens', ids: tokens })),
  z
    .strictObject({ call: z.string(), input: z.union([z.string(), z.record(z.string(), json)]).optional() })
    .transform(({ call, input }): Step => ({
      type: 'call',
      name: call,
      input: input === undefined || typeof input === 'string' ? (input ?? null) : JSON.stringify(input),
    })),
  z
    .strictObject({ fail: z.string(), message: z.string().optional() })
    .transform(({ fail, message }): Step => ({ type: 'fail', code: fail, message: message ?? failMessage(fail) })),
  z.strictObject({ send: z.record(z.string(), json) }).transform(({ send }): Step => ({ type: 'send', fields: send })),
]);

const regularExpression = z.string().refine(
  (source) => {
    try {
      new RegExp(source, 'su');
      return true;
    } catch {
      return false;
    }
  },
  { error: 'not a regular expression' },
);

const scriptSchema = z.strictObject({
  rules: z.array(
    z.strictObject({
      when: z
        .strictObject({
          contains: z.string().optional(),
          matches: regularExpression.optional(),
          session: z.number().int().positive().optional(),
          calls: z.number().int().nonnegative().optional(),
        })
        .default({}),
      times: z.number().int().positive().optional(),
      do: z.array(step).min(1),
    }),
  ),
});

/**
 * Checks a script as it was read from YAML or JSON.
 *
 * @throws Error naming the place at fault, as in `rules[0].do[1]`.
 */
export function parseScript(value: unknown): SimulatorScript {
  const parsed = scriptSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const path = issue.path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  throw new Error(`The simulator script is wrong at ${path.replace(/^\./u, '') || 'its top'}: ${sentence(issue)}`);
}

/** Of a step that fits no form, what is wrong with it as the form it tries to be. */
function sentence(issue: z.core.$ZodIssue): string {
  if (issue.code !== 'invalid_union') return issue.message;
  const own = issue.errors.flat().find((fault) => fault.code === 'custom');
  return own?.message ?? `a step is a directive or an object of say, think, raw, tokens, call, fail or send`;
}
