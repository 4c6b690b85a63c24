import { describe, expect, it } from 'vitest';
import { refusalOf } from '../support/refusal.ts';
import { open as openChat, question, weatherTool as chatTool } from './chat/turns.ts';
import { open as openResponse, weatherTool as responsesTool } from './responses/turns.ts';

const half = 512 * 1024;
const schemaOf = (property: object) => ({ type: 'object', properties: { a: property } });
const tooLong = [
  ['a default', schemaOf({ default: [['x'.repeat(2 * half)]] })],
  ['a name', schemaOf({ properties: { ['x'.repeat(2 * half)]: {} } })],
  ['many choices', schemaOf({ enum: ['x'.repeat(half), 'y'.repeat(half)] })],
] as const;

describe.each([
  ['chat', (parameters: object) => openChat({ ...question, tools: [withChatSchema(parameters)] }), 'tools[0].function'],
  [
    'responses',
    (parameters: object) => openResponse({ model: 'm', input: 'x', tools: [{ ...responsesTool, parameters }] }),
    'tools[0]',
  ],
])('a schema in %s', (_api, openWith, place) => {
  it.each(tooLong)('with %s that no context has room for is refused by its place', (_what, schema) => {
    const { code, param } = refusalOf(() => openWith(schema));
    expect([code, param]).toEqual(['invalid_value', `${place}.parameters`]);
  });

  it('may be as long as the context, descriptions and all', () => {
    expect(() => openWith(schemaOf({ description: 'x'.repeat(half), enum: ['y'.repeat(half - 100)] }))).not.toThrow();
  });
});

function withChatSchema(parameters: object) {
  return { ...chatTool, function: { ...chatTool.function, parameters } };
}
