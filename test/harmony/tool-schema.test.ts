import { describe, expect, test } from 'vitest';
import { schemaText } from '../../src/harmony/tool-schema.ts';
import { randomSchema } from './random-schema.ts';
import { createRandom } from './random.ts';

// Equality with the reference is the matter of the vectors; here is what they can't hold.

describe('a schema', () => {
  test('prints as TypeScript with its comments where the models expect them', () => {
    const text = schemaText({
      type: 'object',
      properties: {
        city: { type: 'string', title: 'City', description: 'Where', examples: ['Paris'] },
        unit: { type: 'string', enum: ['c', 'f'], default: 'c' },
        days: { type: 'array', items: { type: 'integer' }, nullable: true },
        place: { oneOf: [{ type: 'string' }, { type: 'object', properties: { x: { type: 'number', default: 0.5 } } }] },
      },
      required: ['city'],
    });
    expect(text).toBe(`{
// City
//
// Where
// Examples:
// - "Paris"
city: string,
unit?: "c" | "f", // default: c
days?: number[] | null,
place?:
 | string
 | {
   x?: number, // default: 0.5
   }
,
}`);
  });

  test.each([undefined, null, true, 5, 'string', [], [{ type: 'string' }], () => 1])(
    'that is %s prints any',
    (schema) => {
      expect(schemaText(schema)).toBe('any');
    },
  );

  test('finds no keywords on prototypes', () => {
    const inherited = Object.create({ type: 'string', default: 'x' }) as object;
    expect(schemaText({ type: 'object', properties: { inherited } })).toBe('{\ninherited?: any,\n}');
  });

  test('keeps a property called __proto__', () => {
    const schema: unknown = JSON.parse(
      '{"type":"object","properties":{"__proto__":{"type":"string"},"b":{"type":"number"}}}',
    );
    expect(schemaText(schema)).toBe('{\n__proto__?: string,\nb?: number,\n}');
  });

  test('may be nested beyond all measure', () => {
    const deep = (open: string, inner: string, close: string) =>
      JSON.parse(open.repeat(50_000) + inner + close.repeat(50_000)) as unknown;
    expect(schemaText(deep('{"type":"array","items":', '{}', '}'))).toMatch(/^any(\[\])+$/);
    expect(schemaText(deep('{"oneOf":[', '{}', ']}'))).toContain('any');
    expect(schemaText(deep('{"type":"object","properties":{"a":', '{}', '}}'))).toContain('a?: any,');
    expect(schemaText({ type: 'object', properties: { a: { default: deep('[', '', ']') } } })).toContain('default: [[');
  });

  test('prints the same every time, and never fails', () => {
    for (let seed = 0; seed < 2000; seed += 1) {
      const schema = randomSchema(createRandom(seed), 5);
      const text = schemaText(schema);
      expect(schemaText(JSON.parse(JSON.stringify(schema)))).toBe(text);
    }
  });
});

describe('a default', () => {
  const printed = (value: unknown) =>
    schemaText({ type: 'object', properties: { p: { default: value } } }).slice(23, -2);

  test.each([
    [0, '0'],
    [-0, '-0.0'],
    [42, '42'],
    [-1.5, '-1.5'],
    [1e16, '10000000000000000'],
    [1e20, '1e20'],
    [-1e19, '-1e19'],
    [1.5e300, '1.5e300'],
    [0.00001, '0.00001'],
    [0.000001, '1e-6'],
    [-1.25e-7, '-1.25e-7'],
    [5e-324, '5e-324'],
    [123456789012345.5, '123456789012345.5'],
    [NaN, 'null'],
    [null, 'null'],
    [[1, { b: 'x', a: [] }], '[1,{"b":"x","a":[]}]'],
    [{ a: undefined }, '{}'],
  ])('of %j prints %s', (value, text) => {
    expect(printed(value)).toBe(text);
  });
});

test('a type that is nullable says so unless its text says null already, at whatever depth', () => {
  const nullable = (p: object): object => ({ type: 'object', nullable: true, properties: { p } });
  const inner = '        p?: string,\n        }';
  const text = (type: string) => `{\np?: {\n    p?: {\n${type},\n    },\n}`;
  const schema = (p: object): object => ({ type: 'object', properties: { p: nullable(nullable(p)) } });
  expect(schemaText(schema({ type: 'string' }))).toBe(text(`${inner} | null`));
  expect(schemaText(schema({ type: 'string', description: 'or null' }))).not.toContain(' | null');
});
