import { z } from 'zod';
import { GatewayError } from '../core/errors.ts';
import type { FailureCode } from '../core/errors.ts';

/** A field that may be left out; an explicit null counts as left out, as on api.openai.com. */
export function optional<Schema extends z.ZodType>(schema: Schema) {
  return schema.nullish().transform((value) => value ?? undefined);
}

/**
 * Reads a request body by its schema.
 *
 * @throws GatewayError naming the field at fault, as in `input[2].content`. Only the first fault is reported.
 */
export function parseRequest<Schema extends z.ZodType>(schema: Schema, body: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(body, { reportInput: true });
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
  const furthest = candidates.reduce<Issue>((best, next) => (next.path.length > best.path.length ? next : best), issue);
  return furthest;
}

/** `['input', 2, 'content']` is `input[2].content`. */
export function formatPath(path: readonly PropertyKey[]): string {
  let text = '';
  for (const key of path) {
    text += typeof key === 'number' ? `[${key}]` : text === '' ? String(key) : `.${String(key)}`;
  }
  return text;
}

function codeOf(issue: Issue): FailureCode {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'missing_required_parameter' : 'invalid_type';
    case 'unrecognized_keys':
      return 'unknown_parameter';
    case 'invalid_union':
      return issue.input === undefined ? 'missing_required_parameter' : 'invalid_value';
    case 'invalid_value':
      return issue.input === undefined ? 'missing_required_parameter' : 'invalid_value';
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

function describe(issue: Issue, path: string): string {
  const where = path === '' ? 'the request body' : `'${path}'`;
  if (codeOf(issue) === 'missing_required_parameter') return `Missing required parameter: ${where}.`;
  // zod's own sentences are "Invalid input: expected string, received number" and the like.
  const what = issue.message.replace(/^Invalid input: /, '');
  return `Invalid value for ${where}: ${what}.`;
}
