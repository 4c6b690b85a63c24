import type { z } from 'zod';
import { GatewayError } from '../core/errors.ts';
import type { FailureCode } from '../core/errors.ts';

/** A field that may be left out; an explicit null counts as left out, as on api.openai.com. */
export function optional<Schema extends z.ZodType>(schema: Schema) {
  return schema.nullish().transform((value) => value ?? undefined);
}

/** One fault is reported; reading on would word those of tens of thousands of wrong elements. */
const firstFault: z.core.ParseContextInternal<z.core.$ZodIssue> = { reportInput: true, abortEarly: true };

/**
 * Reads a request body by its schema.
 *
 * @throws GatewayError naming the field at fault, as in `input[2].content`. Only the first fault is reported.
 */
export function parseRequest<Schema extends z.ZodType>(schema: Schema, body: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(body, firstFault);
  if (parsed.success) return parsed.data;
  const fault = deepest(parsed.error.issues[0]!);
  const path = formatPath(fault.path);
  throw new GatewayError(codeOf(fault), describe(fault, path), path === '' ? {} : { param: path });
}

type Issue = z.core.$ZodIssue;

/** Of a union's faults, the one that got furthest: that branch is the one the caller meant. */
function deepest(issue: Issue): Issue {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return issue;
  const candidates = issue.errors
    .map((branch) => branch[0])
    .filter((first) => first !== undefined)
    .map((first) => deepest({ ...first, path: [...issue.path, ...first.path] } as Issue));
  return candidates.reduce<Issue>(
    (best, next) => (next.path.length > best.path.length ? next : best),
    wrongTypeOf(issue, candidates),
  );
}

/** A union none of whose branches takes the value's type is one fault: what the value is, and all that it could be. */
function wrongTypeOf(issue: Issue, candidates: readonly Issue[]): Issue {
  const expected: string[] = candidates.flatMap((branch) => (branch.code === 'invalid_type' ? [branch.expected] : []));
  if (expected.length === 0 || expected.length < candidates.length || issue.message !== 'Invalid input') return issue;
  const message = `expected ${expected.join(' or ')}, received ${typeName(issue.input)}`;
  return { ...issue, code: 'invalid_type', expected: 'any', message } as Issue;
}

function typeName(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

/** `['input', 2, 'content']` is `input[2].content`. */
export function formatPath(path: readonly PropertyKey[]): string {
  let text = '';
  for (const key of path) {
    text += typeof key === 'number' ? `[${key}]` : text === '' ? String(key) : `.${String(key)}`;
  }
  return text;
}

/** What stands at the issue's path; for an unknown member of a discriminated union, its discriminator. */
function given(issue: Issue): unknown {
  const discriminator = discriminatorOf(issue);
  if (discriminator === null) return issue.input;
  return (issue.input as Record<string, unknown> | undefined)?.[discriminator];
}

function discriminatorOf(issue: Issue): string | null {
  return issue.code === 'invalid_union' && issue.errors.length === 0 ? (issue.discriminator ?? null) : null;
}

function codeOf(issue: Issue): FailureCode {
  switch (issue.code) {
    case 'invalid_type':
      return isAbsent(issue) ? 'missing_required_parameter' : 'invalid_type';
    case 'unrecognized_keys':
      return 'unknown_parameter';
    case 'invalid_union':
    case 'invalid_value':
      return isAbsent(issue) ? 'missing_required_parameter' : 'invalid_value';
    case 'too_big':
    case 'too_small':
    case 'invalid_format':
    case 'not_multiple_of':
    case 'invalid_key':
    case 'invalid_element':
    case 'custom':
      return 'invalid_value';
  }
}

/** A field given as null is as absent as one left out. A body or an element of null is still there, though wrong. */
function isAbsent(issue: Issue): boolean {
  const value = given(issue);
  return value === undefined || (value === null && typeof issue.path.at(-1) === 'string');
}

function describe(issue: Issue, path: string): string {
  const where = path === '' ? 'the request body' : `'${path}'`;
  if (codeOf(issue) === 'missing_required_parameter') return `Missing required parameter: ${where}.`;
  return `Invalid value for ${where}: ${whatIsWrong(issue)}.`;
}

function whatIsWrong(issue: Issue): string {
  if (issue.code === 'invalid_value' && issue.values.length > 0) return expectedOneOf(issue.values, issue.input);
  if (discriminatorOf(issue) !== null && issue.message.startsWith('Invalid discriminator value')) {
    const { options } = issue as { readonly options?: readonly Primitive[] };
    if (options !== undefined) return expectedOneOf(options, given(issue));
  }
  const [inKey] = issue.code === 'invalid_key' ? issue.issues : [];
  // zod's own sentences are "Invalid input: expected string, received number", "Too big: expected …" and the like.
  const sentence = (inKey ?? issue).message
    .replace(/^[A-Z][a-z ]+: /, '')
    .replace(/^expected (record|int)\b/, (_, word) => `expected ${word === 'int' ? 'integer' : 'object'}`);
  return inKey === undefined ? sentence : `${sentence} as a key`;
}

type Primitive = z.core.util.Primitive;

function expectedOneOf(options: readonly Primitive[], value: unknown): string {
  const names = options
    .filter((option) => option !== null && option !== undefined)
    .map((option) => `'${String(option)}'`);
  const choice = names.length === 1 ? names[0]! : `one of ${names.join(', ')}`;
  // A long text is the caller's data, and no help.
  return typeof value === 'string' && value.length <= 40
    ? `expected ${choice}, received '${value}'`
    : `expected ${choice}`;
}
