import { describe, expect, test } from 'vitest';
import type { JsonSchema } from '../../src/core/turn.ts';
import { conversationOf } from '../../src/harmony/conversation.ts';
import { createInlineBudget, inlineReferences } from '../../src/harmony/schema-references.ts';
import { segmentsOf } from '../../src/harmony/render.ts';
import { schemaText } from '../../src/harmony/tool-schema.ts';
import { randomSchema } from './random-schema.ts';
import { createRandom } from './random.ts';
import { settings, turn } from './turns.ts';

const inlined = (schema: JsonSchema) => inlineReferences(schema, createInlineBudget());
const printed = (schema: JsonSchema) => schemaText(inlined(schema));

const town = {
  type: 'object',
  $defs: {
    District: {
      type: 'object',
      title: 'District',
      properties: { name: { type: 'string' }, kind: { $ref: '#/$defs/Kind', description: 'Which kind' } },
      required: ['name', 'kind'],
    },
    Kind: { type: 'string', enum: ['old', 'new'] },
  },
  properties: {
    kind: { $ref: '#/$defs/Kind' },
    districts: { type: 'array', items: { $ref: '#/$defs/District' } },
    twin: { allOf: [{ $ref: '#/$defs/District' }], description: 'A town far away' },
    either: { oneOf: [{ $ref: '#/$defs/Kind' }, { type: 'number' }] },
  },
  required: ['kind', 'districts'],
};

describe('local references in the schema of a tool', () => {
  test('are rendered as what they stand for', () => {
    expect(printed(town)).toBe(`{
kind: "old" | "new",
districts: {
    name: string,
    // Which kind
    kind: "old" | "new",
    }[],
// District
//
// A town far away
twin?:     // A town far away
{
    name: string,
    // Which kind
    kind: "old" | "new",
    },
either?:
 | "old" | "new"
 | number
,
}`);
  });

  test('are rendered as the same schema without references is', () => {
    const kind = { type: 'string', enum: ['old', 'new'] };
    const district = {
      ...town.$defs.District,
      properties: { name: { type: 'string' }, kind: { ...kind, description: 'Which kind' } },
    };
    const plain = {
      ...town,
      properties: {
        kind,
        districts: { type: 'array', items: district },
        twin: { ...district, description: 'A town far away' },
        either: { oneOf: [kind, { type: 'number' }] },
      },
    };
    expect(printed(town)).toBe(schemaText(plain));
  });

  test.each([
    [
      'to the whole, which has no end',
      { type: 'object', properties: { child: { $ref: '#' }, name: { type: 'string' } } },
    ],
    [
      'that lead nowhere',
      { type: 'object', properties: { child: { $ref: '#/$defs/Gone' }, name: { type: 'string' } } },
    ],
    ['to other documents', { type: 'object', properties: { child: { $ref: 'town.json' }, name: { type: 'string' } } }],
    [
      'that stand for each other',
      {
        type: 'object',
        $defs: { A: { $ref: '#/$defs/B' }, B: { $ref: '#/$defs/A' } },
        properties: { child: { $ref: '#/$defs/A' }, name: { type: 'string' } },
      },
    ],
  ])('%s print any', (_, schema) => {
    expect(printed(schema)).toBe('{\nchild?: any,\nname?: string,\n}');
  });

  test('to what they are within are opened once', () => {
    const tree = {
      $ref: '#/$defs/Tree',
      $defs: {
        Tree: {
          type: 'object',
          properties: { leaf: { type: 'string' }, trees: { type: 'array', items: { $ref: '#/$defs/Tree' } } },
        },
      },
    };
    expect(printed(tree)).toBe('{\nleaf?: string,\ntrees?: any[],\n}');
  });

  test('are read as JSON pointers, escapes and all, and never find what an object inherits', () => {
    const odd = {
      type: 'object',
      definitions: { 'a/b~c d': { type: 'string' }, '100%': { type: 'number' } },
      properties: {
        one: { $ref: '#/definitions/a~1b~0c%20d' },
        two: { $ref: '#/definitions/100%' },
        three: { $ref: '#/__proto__' },
        four: { $ref: '#/constructor/prototype' },
      },
    };
    expect(printed(odd)).toBe('{\none?: string,\ntwo?: number,\nthree?: any,\nfour?: any,\n}');
  });

  test('are left alone where they are data', () => {
    const schema = {
      type: 'object',
      $defs: { X: { type: 'string' } },
      properties: {
        $ref: { type: 'string' },
        place: { type: 'object', default: { $ref: '#/$defs/X' }, examples: [{ $ref: '#/$defs/X' }] },
      },
    };
    expect(inlined(schema)).toBe(schema);
  });

  test('are left alone behind one that is too large', () => {
    const schema = {
      type: 'object',
      $defs: { Small: { type: 'number' }, Large: { type: 'string', description: 'x'.repeat(300 * 1024) } },
      properties: {
        one: { $ref: '#/$defs/Small' },
        two: { $ref: '#/$defs/Large' },
        three: { $ref: '#/$defs/Small' },
      },
    };
    expect(printed(schema)).toBe('{\none?: number,\ntwo?: any,\nthree?: any,\n}');
  });

  test('that double at each step grow to a bound and no further', () => {
    const depth = 40;
    const definitions = Object.fromEntries(
      Array.from({ length: depth }, (_, level) => [
        `L${level}`,
        level === depth - 1
          ? { type: 'string' }
          : {
              type: 'object',
              properties: { one: { $ref: `#/$defs/L${level + 1}` }, two: { $ref: `#/$defs/L${level + 1}` } },
            },
      ]),
    );
    const bomb = { type: 'object', $defs: definitions, properties: { top: { $ref: '#/$defs/L0' } } };
    expect(printed(bomb).length).toBeLessThan(2 * 1024 * 1024);
    const tool = (name: string) =>
      ({ type: 'function', name, namespace: null, description: null, parameters: bomb, strict: false }) as const;
    // However many tools bring one: the bound is that of all of them.
    const tools = Array.from({ length: 100 }, (_, index) => tool(`t${index}`));
    const { messages } = conversationOf(turn({ tools }), settings);
    const text = segmentsOf(messages).join('');
    expect(text.length).toBeLessThan(2 * 1024 * 1024);
    expect(text).toContain('top?: {\n');
  });
});

test('a schema without references stays the very same', () => {
  const random = createRandom(7);
  for (let round = 0; round < 300; round += 1) {
    const schema = randomSchema(random, 3) as JsonSchema;
    const text = JSON.stringify(schema) ?? '';
    if (text.includes('"$ref"') || !text.startsWith('{')) continue;
    expect(inlined(schema)).toBe(schema);
  }
});
