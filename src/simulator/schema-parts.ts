import type { JsonSchema } from '../core/turn.ts';

/** One schema that demands what all of them do, as far as sampling looks at it. */
export function allOf(schemas: readonly JsonSchema[]): JsonSchema {
  return schemas.reduce((both, next) => merge(both, next), {});
}

function merge(one: JsonSchema, other: JsonSchema): JsonSchema {
  const merged: { [keyword: string]: unknown } = { ...one };
  for (const [keyword, value] of Object.entries(other)) {
    if (value === undefined) continue;
    const known = merged[keyword];
    merged[keyword] = known === undefined ? value : mergeKeyword(keyword, known, value);
  }
  return merged;
}

function mergeKeyword(keyword: string, one: unknown, other: unknown): unknown {
  switch (keyword) {
    case 'required':
    case 'allOf':
      return Array.isArray(one) && Array.isArray(other) ? [...one, ...other] : other;
    case 'enum':
    case 'type':
      return common(one, other);
    case 'properties': {
      const [a, b] = [one as JsonSchema, other as JsonSchema];
      const both = Object.keys(b).filter((name) => Object.hasOwn(a, name));
      return { ...a, ...b, ...Object.fromEntries(both.map((name) => [name, { allOf: [a[name], b[name]] }])) };
    }
    case 'minimum':
    case 'exclusiveMinimum':
    case 'minLength':
    case 'minItems':
    case 'minProperties':
      return Math.max(Number(one), Number(other));
    case 'maximum':
    case 'exclusiveMaximum':
    case 'maxLength':
    case 'maxItems':
      return Math.min(Number(one), Number(other));
    default:
      return other;
  }
}

function common(one: unknown, other: unknown): unknown {
  const [a, b] = [Array.isArray(one) ? one : [one], Array.isArray(other) ? other : [other]] as [unknown[], unknown[]];
  const shared = b.filter((value) => a.includes(value));
  return shared.length > 0 ? shared : other;
}
