import { GatewayError } from '../core/errors.ts';
import type { FieldSupport } from '../core/support.ts';
import { formatPath } from './parse.ts';

/**
 * A row of a dialect's support table. `[]` after a name in `field` stands for every element, as in
 * `messages[].content[].image_url`. Beside what `FieldSupport` promises, a value in `neutral` asks for what happens
 * anyway (`n: 1`) and is accepted in silence; empty arrays and empty objects always are.
 */
export type FieldRule = FieldSupport & { readonly neutral?: readonly unknown[] };

/** Unknown fields that are named; a person reads a few. */
const mostUnknown = 20;

/**
 * Holds a request against its dialect's table.
 *
 * @returns what was ignored and why, one sentence a rule, unknown fields included; for the log.
 * @throws GatewayError for a refused field: `unsupported_value` where another value would do, else
 *   `unsupported_parameter`.
 */
export function applySupport(rules: readonly FieldRule[], body: object): string[] {
  const warnings: string[] = [];
  const known = new Set<string>();
  for (const rule of rules) {
    known.add(rule.field.split(/[.[]/, 1)[0]!);
    if (rule.support === 'honoured') continue;
    const { first, count } = occurrences(body, rule);
    if (first === null) continue;
    if (rule.support === 'refused') throw refusal(rule, first);
    const more = count > 1 ? ` (and ${count - 1} more)` : '';
    warnings.push(`${first}${more} has no effect: ${rule.note}`);
  }
  const unknown = Object.keys(body).filter((field) => !known.has(field));
  for (const field of unknown.slice(0, mostUnknown)) {
    warnings.push(`${field} has no effect: it is no parameter of this API`);
  }
  if (unknown.length > mostUnknown) {
    warnings.push(`${unknown.length - mostUnknown} more fields have no effect: they are no parameters of this API`);
  }
  return warnings;
}

function refusal(rule: FieldRule, path: string): GatewayError {
  const [neutral] = rule.neutral ?? [];
  return neutral === undefined
    ? new GatewayError('unsupported_parameter', `Unsupported parameter: '${path}': ${rule.note}.`, { param: path })
    : new GatewayError(
        'unsupported_value',
        `Unsupported value: '${path}' can only be ${JSON.stringify(neutral)} here: ${rule.note}.`,
        { param: path },
      );
}

function isNeutral(rule: FieldRule, value: unknown): boolean {
  if (typeof value === 'object' && value !== null && Object.keys(value).length === 0) return true;
  return (rule.neutral ?? []).some((neutral) => isSame(neutral, value));
}

/** Written out only where both are objects: this is asked of each of what may be tens of thousands of elements. */
function isSame(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  return typeof one === 'object' && typeof other === 'object' && JSON.stringify(one) === JSON.stringify(other);
}

/** Where a rule's field is first given in a body, and how often, neutral values and null aside. */
type Occurrences = { first: string | null; count: number };

function occurrences(body: object, rule: FieldRule): Occurrences {
  const found: Occurrences = { first: null, count: 0 };
  descend(body, rule.field.replaceAll('[]', '.[]').split('.'), [], (way, value) => {
    if (isNeutral(rule, value)) return;
    found.count += 1;
    found.first ??= formatPath(way);
  });
  return found;
}

/** `way` leads from the body to `value`, `steps` go on from there. Nothing is allocated on ways that lead nowhere. */
function descend(
  value: unknown,
  steps: readonly string[],
  way: PropertyKey[],
  visit: (way: readonly PropertyKey[], value: unknown) => void,
): void {
  if (value === null || value === undefined) return;
  const step = steps[way.length];
  if (step === undefined) {
    visit(way, value);
  } else if (step === '[]') {
    if (!Array.isArray(value)) return;
    for (let index = 0; index < value.length; index++) {
      way.push(index);
      descend(value[index], steps, way, visit);
      way.pop();
    }
  } else if (typeof value === 'object' && Object.hasOwn(value, step)) {
    way.push(step);
    descend((value as Record<string, unknown>)[step], steps, way, visit);
    way.pop();
  }
}
