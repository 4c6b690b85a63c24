import type { JsonSchema } from '../core/turn.ts';
import { resolveReference } from '../harmony/schema-references.ts';
import { sampleNumber } from './number-sample.ts';
import { compile } from './pattern-sample.ts';
import { allOf } from './schema-parts.ts';
import { sampleText } from './text-sample.ts';

/** Where a value stands. */
type Place = {
  /** What the value is called, which is what a free text says. */
  readonly name: string;
  /** How many schemas lie around it. */
  readonly depth: number;
  /** Of a value that must differ from its neighbours: which one it is; else 0. */
  readonly index: number;
};

/** A schema nested deeper has no end. */
const deepest = 40;
/** Depth from which the shortest way to an end is taken. */
const deepEnough = 6;
const mostSchemas = 20_000;

/**
 * A value that a JSON Schema accepts: required members only, the first of what may be chosen, the same each time.
 * Undefined: none was found. `not`, `if` and `propertyNames` are not looked at.
 */
export function sampleJson(root: unknown, name = 'value'): unknown {
  let schemas = 0;
  return sample(root, { name, depth: 0, index: 0 });

  function sample(schema: unknown, place: Place): unknown {
    if (++schemas > mostSchemas || place.depth > deepest || schema === false) return undefined;
    if (!isSchema(schema)) return sampleText({}, place.name, place.index);
    const inner = { ...place, depth: place.depth + 1 };
    const { $ref: reference, allOf: parts, anyOf, oneOf, ...own } = schema;
    if (typeof reference === 'string') {
      const target = resolveReference(root, reference);
      if (target === undefined) return undefined;
      return sample(isSchema(target) ? allOf([{ ...schema, $ref: undefined }, target]) : target, inner);
    }
    if (Array.isArray(parts)) return sampleAll({ ...schema, allOf: undefined }, parts, inner);
    const choices = Array.isArray(anyOf) ? anyOf : oneOf;
    if (Array.isArray(choices)) {
      const rest = Array.isArray(anyOf) && Array.isArray(oneOf) ? { ...own, oneOf } : own;
      return sampleChoice(rest, choices, inner);
    }
    return sampleOwn(own, place);
  }

  /** Parts that are references are followed first, so that what they require counts too. */
  function sampleAll(own: JsonSchema, parts: readonly unknown[], place: Place): unknown {
    const followed = parts.map((part) =>
      isSchema(part) && typeof part['$ref'] === 'string' ? resolveReference(root, part['$ref']) : part,
    );
    return sample(allOf([own, ...followed.filter(isSchema)]), place);
  }

  function sampleChoice(own: JsonSchema, choices: readonly unknown[], place: Place): unknown {
    const ordered = place.depth < deepEnough ? choices : [...choices].sort((a, b) => weight(a) - weight(b));
    for (const choice of ordered) {
      const value = sample(isSchema(choice) ? allOf([own, choice]) : choice === true ? own : choice, place);
      if (value !== undefined) return value;
    }
    return undefined;
  }

  function sampleOwn(schema: JsonSchema, place: Place): unknown {
    if (Object.hasOwn(schema, 'const')) return schema['const'];
    const type = typeOf(schema);
    const values = schema['enum'];
    if (Array.isArray(values)) {
      const fitting = values.filter((value) => schema['type'] === undefined || isOfType(value, schema['type']));
      return fitting[place.index % Math.max(1, fitting.length)];
    }
    const examples = schema['examples'];
    for (const told of [schema['default'], Array.isArray(examples) ? examples[0] : undefined]) {
      // A told object or list may lack what the schema demands of it.
      if (
        told !== undefined &&
        told !== null &&
        typeof told !== 'object' &&
        place.index === 0 &&
        isOfType(told, type)
      ) {
        return told;
      }
    }
    switch (type) {
      case 'object':
        return sampleObject(schema, place);
      case 'array':
        return sampleArray(schema, place);
      case 'integer':
      case 'number':
        return sampleNumber(schema, type === 'integer', place.index);
      case 'boolean':
        return place.index % 2 === 0;
      case 'null':
        return null;
      default:
        return sampleText(schema, place.name, place.index);
    }
  }

  function sampleObject(schema: JsonSchema, place: Place): unknown {
    const properties = isSchema(schema['properties']) ? schema['properties'] : {};
    const additional = schema['additionalProperties'];
    const patterns = isSchema(schema['patternProperties']) ? Object.entries(schema['patternProperties']) : [];
    const names = new Set(strings(schema['required']));
    const dependent = isSchema(schema['dependentRequired']) ? schema['dependentRequired'] : {};
    for (const name of names) for (const also of strings(dependent[name])) names.add(also);
    const least = count(schema['minProperties']);
    for (const name of Object.keys(properties)) if (names.size < least) names.add(name);
    for (let extra = 1; names.size < least && additional !== false; extra++) names.add(`member ${extra}`);

    const entries: [string, unknown][] = [];
    for (const name of names) {
      const byPattern = patterns.find(([pattern]) => compile(pattern)?.test(name))?.[1];
      const member = Object.hasOwn(properties, name) ? properties[name] : (byPattern ?? additional);
      const value = sample(member, { name, depth: place.depth + 1, index: 0 });
      if (value === undefined) return undefined;
      entries.push([name, value]);
    }
    return Object.fromEntries(entries);
  }

  function sampleArray(schema: JsonSchema, place: Place): unknown {
    const first = Array.isArray(schema['prefixItems']) ? schema['prefixItems'] : [];
    const least = count(schema['minItems']);
    const most = typeof schema['maxItems'] === 'number' ? schema['maxItems'] : Infinity;
    const wanted = place.depth < deepEnough && schema['items'] !== false ? 1 : 0;
    const length = Math.max(least, Math.min(most, Math.max(wanted, first.length)));
    const items: unknown[] = [];
    for (let index = 0; index < length; index++) {
      const contained = index === first.length ? schema['contains'] : undefined;
      const item = index < first.length ? first[index] : (contained ?? schema['items']);
      const differing = schema['uniqueItems'] === true ? index : 0;
      const value = sample(item, { name: place.name, depth: place.depth + 1, index: differing });
      if (value === undefined) return index >= least ? items : undefined;
      items.push(value);
    }
    return items;
  }
}

/** How far a choice probably is from an end. */
function weight(choice: unknown): number {
  if (!isSchema(choice) || choice['$ref'] !== undefined) return 2;
  return choice['type'] === 'object' || choice['type'] === 'array' || choice['properties'] !== undefined ? 1 : 0;
}

/** The type that a value gets: the first but null that is allowed, or what the keywords are about. */
function typeOf(schema: JsonSchema): string {
  const type = schema['type'];
  if (typeof type === 'string') return type;
  if (Array.isArray(type)) return String(type.find((each) => each !== 'null') ?? 'null');
  const has = (...keywords: string[]) => keywords.some((keyword) => schema[keyword] !== undefined);
  if (has('properties', 'required', 'additionalProperties', 'minProperties', 'patternProperties')) return 'object';
  if (has('items', 'prefixItems', 'minItems', 'contains', 'uniqueItems')) return 'array';
  if (has('minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf')) return 'number';
  return 'string';
}

function isOfType(value: unknown, type: unknown): boolean {
  if (Array.isArray(type)) return type.some((each) => isOfType(value, each));
  switch (type) {
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isSchema(value);
    case 'integer':
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

function count(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}
