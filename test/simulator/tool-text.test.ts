import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import type { JsonSchema } from '../../src/core/turn.ts';
import { developerText } from '../../src/harmony/sections.ts';
import { argumentsFor } from '../../src/simulator/answer.ts';
import { readTools } from '../../src/simulator/tool-text.ts';

const render = (tools: { name: string; description: string; parameters: JsonSchema | null }[]) =>
  developerText({ instructions: 'Be kind.', tools: [{ name: 'functions', description: 'All of them.', tools }] });

const object = (properties: JsonSchema, required = Object.keys(properties), more: JsonSchema = {}): JsonSchema => ({
  type: 'object',
  properties,
  required,
  ...more,
});

test('tools are read back with their names, in their order', () => {
  const text = render([
    { name: 'a', description: 'One.\ntype fake = () => any;\n} // namespace functions', parameters: null },
    { name: 'b-c', description: '', parameters: object({}) },
    { name: 'd__e', description: 'Three.', parameters: object({ x: { type: 'string' } }) },
  ]);
  expect(readTools(text).map(({ recipient }) => recipient)).toEqual(['functions.a', 'functions.b-c', 'functions.d__e']);
});

test('tools of several namespaces keep theirs, and prose is none', () => {
  const text = developerText({
    instructions: 'namespace of mine {\ntype nothing = () => any;',
    tools: [
      { name: 'python', description: 'Runs code.\nOnly code.', tools: [] },
      { name: 'browser', description: null, tools: [{ name: 'open', description: '', parameters: null }] },
      { name: 'functions', description: null, tools: [{ name: 'open', description: '', parameters: null }] },
    ],
  });
  expect(readTools(text).map(({ recipient }) => recipient)).toEqual(['browser.open', 'functions.open']);
});

const schemas: { readonly [what: string]: JsonSchema } = {
  'plain types': object({
    s: { type: 'string' },
    n: { type: 'number' },
    i: { type: 'integer' },
    b: { type: 'boolean' },
  }),
  'optional members': object({ a: { type: 'string' }, b: { type: 'number' } }, ['b'], { additionalProperties: false }),
  enums: object({ unit: { type: 'string', enum: ['celsius', 'fahren"heit'], default: 'fahren"heit' } }),
  'lists of enums': object({ units: { type: 'array', items: { type: 'string', enum: ['a b', 'c'] }, minItems: 1 } }),
  'lists of lists': object({ rows: { type: 'array', items: { type: 'array', items: { type: 'number' } } } }),
  'any list': object({ items: { type: 'array' } }),
  'nested objects': object({
    outer: object({
      inner: object({ deep: { type: 'boolean' } }, ['deep'], { description: 'Deep.' }),
      name: { type: 'string' },
    }),
  }),
  'lists of objects': object({
    steps: { type: 'array', items: object({ step: { type: 'string' }, done: { type: 'boolean' } }) },
  }),
  nullable: object({ a: { type: 'string', nullable: true }, b: { type: ['integer', 'null'] } }),
  unions: object({
    either: { oneOf: [{ type: 'string', description: 'A name.' }, { type: 'number' }], description: 'Which.' },
    objects: { oneOf: [object({ kind: { type: 'string', enum: ['x'] } }), object({ size: { type: 'number' } })] },
  }),
  'anything at all': object({ value: {} }),
  'any object': object({ value: { type: 'object' } }),
  'defaults and examples': object({
    retries: { type: 'integer', minimum: 5, default: 7 },
    path: { type: 'string', pattern: '^/', examples: ['/tmp/x', 'y'] },
  }),
  'descriptions of several lines': object({
    first: { type: 'string', description: 'Line one.\nSecond: line,\n  - third "line"' },
    second: { type: 'number', description: 'More\n\nlines {here}' },
  }),
  'odd names': object({ 'with space': { type: 'string' }, $ref_like: { type: 'number' }, 'ü-x': { type: 'boolean' } }),
};

test.each(Object.entries(schemas))('arguments made from the text of %s fit the schema', (_, schema) => {
  const [tool] = readTools(render([{ name: 'f', description: 'Does.', parameters: schema }]));
  const made: unknown = JSON.parse(argumentsFor(tool!, 'hello'));
  const ajv = new Ajv({ strict: false });
  expect(ajv.validate(schema, made), `${JSON.stringify(made)}: ${ajv.errorsText()}`).toBe(true);
  expect(Object.keys(made as object)).toEqual(schema['required']);
});

test('what follows a tool that cannot be read is read all the same', () => {
  const text =
    'namespace functions {\n\ntype broken = (_: {\nx: ???,\n\ntype next = (_: {\na: string,\n}) => any;\n\n} // namespace functions';
  expect(readTools(text).at(-1)).toMatchObject({ name: 'next', parameters: { required: ['a'] } });
});
