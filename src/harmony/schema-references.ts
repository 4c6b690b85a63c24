import type { JsonSchema } from '../core/turn.ts';

/** Deeper schemas aren't looked into; the renderer prints them `any`. */
const deepest = 128;

/** Code units of the longest reference that is followed. */
const longestReference = 4096;

/** What may still be inlined, in characters of JSON, over all the schemas of a prompt. */
export type InlineBudget = { left: number };

/** About 64 k tokens: far more than real tools need, far less than references to references can grow to. */
export function createInlineBudget(): InlineBudget {
  return { left: 256 * 1024 };
}

/**
 * A schema in which local references (`#/$defs/Town`, `#/definitions/…`, `#`) are replaced by what they stand for, where
 * the rendering of tools would read it: in properties, items and `oneOf`. zod and pydantic describe the parts of a model
 * by such references, for which the rendering has no words but `any`.
 *
 * What stands beside a reference wins over what it stands for. An `allOf` of one reference alone counts as that
 * reference. A reference to something that it is itself within, one that leads nowhere, and all behind what exceeds the
 * budget stay as they are. A schema without references is returned as it is.
 */
export function inlineReferences(root: JsonSchema, budget: InlineBudget): JsonSchema {
  const sizes = new Map<string, number>();

  /** `within`: the references that led here. */
  function inline(schema: unknown, within: readonly string[], depth: number): unknown {
    if (!isSchema(schema) || depth >= deepest) return schema;
    const { reference, beside } = referenceOf(schema);
    if (reference === null) return inlineParts(schema, within, depth);
    const target = within.includes(reference) ? undefined : resolveReference(root, reference);
    if (!isSchema(target) || !spend(reference, target)) return schema;
    return inline({ ...target, ...beside }, [...within, reference], depth + 1);
  }

  function inlineParts(schema: JsonSchema, within: readonly string[], depth: number): JsonSchema {
    const changed: { [keyword: string]: unknown } = {};
    const properties = keyword(schema, 'properties');
    const items = keyword(schema, 'items');
    const oneOf = keyword(schema, 'oneOf');
    if (isSchema(properties)) {
      const entries = Object.entries(properties);
      const inlined = entries.map(([name, each]) => [name, inline(each, within, depth + 1)] as const);
      if (inlined.some(([, each], index) => each !== entries[index]![1])) {
        changed['properties'] = Object.fromEntries(inlined);
      }
    }
    if (isSchema(items)) {
      const inlined = inline(items, within, depth + 1);
      if (inlined !== items) changed['items'] = inlined;
    }
    if (Array.isArray(oneOf)) {
      const inlined = oneOf.map((each) => inline(each, within, depth + 1));
      if (inlined.some((each, index) => each !== oneOf[index])) changed['oneOf'] = inlined;
    }
    return Object.keys(changed).length === 0 ? schema : { ...schema, ...changed };
  }

  /** What is too large ends all inlining, so that the time for looking at sizes is bounded as well. */
  function spend(reference: string, target: JsonSchema): boolean {
    if (budget.left === 0) return false;
    let size = sizes.get(reference);
    if (size === undefined) sizes.set(reference, (size = JSON.stringify(target).length));
    const fits = size <= budget.left;
    budget.left = fits ? budget.left - size : 0;
    return fits;
  }

  return inline(root, ['#'], 0) as JsonSchema;
}

/** What a local reference (a JSON pointer behind `#`) stands for; undefined: nothing. */
export function resolveReference(root: unknown, reference: string): unknown {
  if (!reference.startsWith('#') || reference.length > longestReference) return undefined;
  let target = root;
  for (const part of reference.slice(1).split('/').slice(1)) {
    const key = decoded(part).replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof target !== 'object' || target === null || !Object.hasOwn(target, key)) return undefined;
    target = (target as { readonly [key: string]: unknown })[key];
  }
  return target;
}

/** A part that isn't percent-encoded, or badly, is taken as it stands. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function referenceOf(schema: JsonSchema): { readonly reference: string | null; readonly beside: JsonSchema } {
  const direct = keyword(schema, '$ref');
  if (typeof direct === 'string') return { reference: direct, beside: without(schema, '$ref') };
  const allOf = keyword(schema, 'allOf');
  if (!Array.isArray(allOf) || allOf.length !== 1) return { reference: null, beside: schema };
  const [only] = allOf as readonly unknown[];
  const single = isSchema(only) && Object.keys(only).length === 1 ? keyword(only, '$ref') : undefined;
  return typeof single === 'string'
    ? { reference: single, beside: without(schema, 'allOf') }
    : { reference: null, beside: schema };
}

/** Own members only: a schema that lacks a keyword must not find it on a prototype. */
function keyword(schema: JsonSchema, name: string): unknown {
  return Object.hasOwn(schema, name) ? schema[name] : undefined;
}

function without(schema: JsonSchema, name: string): JsonSchema {
  const { [name]: _, ...others } = schema;
  return others;
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
