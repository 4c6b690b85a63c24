import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import type { JsonSchema } from '../../src/core/turn.ts';
import { sampleJson } from '../../src/simulator/json-sample.ts';

const schemas: { readonly [what: string]: JsonSchema } = {
  'required members only': {
    type: 'object',
    properties: { a: { type: 'string' }, b: { type: 'integer' } },
    required: ['b'],
    additionalProperties: false,
  },
  'members that nothing describes': { type: 'object', required: ['a'], additionalProperties: { type: 'number' } },
  'at least so many members': { type: 'object', properties: { a: {} }, minProperties: 3 },
  'members by pattern': {
    type: 'object',
    required: ['x1'],
    patternProperties: { '^x': { type: 'boolean' } },
    additionalProperties: false,
  },
  'dependent members': { properties: { a: { type: 'null' } }, required: ['a'], dependentRequired: { a: ['b'] } },
  'enums of anything': { enum: [{ a: 1 }, 2, 'three'] },
  'enums of one type': { type: 'integer', enum: ['three', 3] },
  constants: { type: 'object', properties: { kind: { const: 'x' }, list: { const: [1] } }, required: ['kind', 'list'] },
  'several types': { type: ['null', 'integer'], minimum: 12 },
  'lists with a least length': { type: 'array', items: { enum: ['a', 'b', 'c'] }, minItems: 3, uniqueItems: true },
  'lists of different texts': {
    type: 'array',
    items: { type: 'string', maxLength: 3 },
    minItems: 4,
    uniqueItems: true,
  },
  'lists of different numbers': {
    type: 'array',
    items: { type: 'integer', minimum: 3, maximum: 9 },
    minItems: 4,
    uniqueItems: true,
  },
  'lists of at most none': { type: 'array', items: { type: 'string' }, maxItems: 0 },
  tuples: { type: 'array', prefixItems: [{ type: 'string' }, { type: 'number' }], items: false, minItems: 2 },
  'lists that contain': { type: 'array', contains: { const: 7 } },
  'closed numbers': { type: 'number', minimum: 2.5, maximum: 2.5 },
  'open numbers': { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 0.5 },
  'open integers': { type: 'integer', exclusiveMinimum: 41, exclusiveMaximum: 43 },
  'negative numbers': { type: 'integer', maximum: -17 },
  multiples: { type: 'integer', multipleOf: 7, minimum: 8 },
  'fractional multiples': { type: 'number', multipleOf: 0.25, exclusiveMinimum: 1 },
  'lengths of text': { type: 'string', minLength: 30, maxLength: 31 },
  'pattern of a date': { type: 'string', pattern: '^\\d{4}-(0[1-9]|1[0-2])-\\d\\d$' },
  'pattern of a slug': { type: 'string', pattern: '^[a-z0-9]+(?:-[a-z0-9]+)*$', minLength: 12 },
  'pattern of a phone': { type: 'string', pattern: '^(\\([0-9]{3}\\))?[0-9]{3}-[0-9]{4}$' },
  'pattern without anchors': { type: 'string', pattern: 'b+c', minLength: 9 },
  'pattern with escapes': { type: 'string', pattern: '^@[\\w.]{2,5}\\s[^a-z]\\.$' },
  'all of': {
    allOf: [
      { type: 'object', properties: { a: { type: 'string', minLength: 20 } }, required: ['a'] },
      { properties: { a: { maxLength: 21 }, b: { type: 'integer' } }, required: ['b'] },
    ],
  },
  'all of references': {
    $defs: { base: { type: 'object', properties: { id: { type: 'integer', minimum: 5 } }, required: ['id'] } },
    allOf: [{ $ref: '#/$defs/base' }, { properties: { name: { type: 'string' } }, required: ['name'] }],
  },
  'any of': { anyOf: [{ type: 'integer', minimum: 5, maximum: 4 }, { type: 'boolean' }] },
  'any of with neighbours': {
    type: 'object',
    properties: { kind: { type: 'string' }, a: { type: 'integer' } },
    required: ['kind'],
    anyOf: [{ properties: { kind: { const: 'x' } }, required: ['a'] }],
    additionalProperties: false,
  },
  'one of': { oneOf: [{ type: 'object', properties: { t: { const: 1 } }, required: ['t'] }, { type: 'string' }] },
  'references to definitions': {
    type: 'object',
    properties: { 'a/b': { $ref: '#/$defs/x~1y' } },
    required: ['a/b'],
    $defs: { 'x/y': { type: 'array', items: { $ref: '#/$defs/z' }, minItems: 2 }, z: { enum: ['zed'] } },
  },
  'a linked list': {
    $defs: {
      node: {
        type: 'object',
        properties: { value: { type: 'integer' }, next: { anyOf: [{ $ref: '#/$defs/node' }, { type: 'null' }] } },
        required: ['value', 'next'],
        additionalProperties: false,
      },
    },
    $ref: '#/$defs/node',
  },
  'a tree': {
    type: 'object',
    properties: { name: { type: 'string' }, children: { type: 'array', items: { $ref: '#' } } },
    required: ['name', 'children'],
    additionalProperties: false,
  },
  'a default of the wrong type': { type: 'integer', default: 'ten', minimum: 3 },
};

test.each(Object.entries(schemas))('%s', (_, schema) => {
  const made = sampleJson(schema);
  const ajv = new Ajv2020({ strict: false });
  expect(ajv.validate(schema, made), `${JSON.stringify(made)}: ${ajv.errorsText()}`).toBe(true);
  expect(JSON.stringify(sampleJson(schema))).toBe(JSON.stringify(made));
});

test.each(['date-time', 'date', 'time', 'email', 'hostname', 'ipv4', 'ipv6', 'uuid', 'uri'])(
  'a text of the format %s looks like one',
  (format) => {
    const made = String(sampleJson({ type: 'string', format }, 'a name'));
    expect(made).not.toContain('a name');
    if (format === 'date-time') expect(Number.isNaN(Date.parse(made))).toBe(false);
    if (format === 'uri') expect(new URL(made).href).toBe(made);
  },
);

test('what nothing can fit gives nothing, and soon', () => {
  expect(sampleJson(false)).toBeUndefined();
  expect(sampleJson({ $ref: '#/$defs/none' })).toBeUndefined();
  expect(sampleJson({ type: 'object', required: ['a'], additionalProperties: false })).toBeUndefined();
  const endless = { anyOf: [{ $ref: '#/$defs/pair' }, { $ref: '#/$defs/pair' }] };
  const pair = { type: 'object', properties: { a: endless, b: endless }, required: ['a', 'b'] };
  expect(sampleJson({ $ref: '#/$defs/pair', $defs: { pair } })).toBeUndefined();
});

test('a member called __proto__ is a member', () => {
  const schema = JSON.parse(
    '{"type":"object","properties":{"__proto__":{"const":1}},"required":["__proto__"]}',
  ) as unknown;
  expect(JSON.stringify(sampleJson(schema))).toBe('{"__proto__":1}');
});
