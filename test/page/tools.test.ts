import { expect, test } from 'vitest';
import { exampleTools, parseTools } from '../../page/playground/tools.ts';

const parameters = { type: 'object', properties: {} };
const tool = { type: 'function', name: 'look', rest: { description: 'Looks', parameters } };

test('tools are taken in the form of either API', () => {
  const flat = [{ type: 'function', name: 'look', description: 'Looks', parameters }];
  const nested = [{ type: 'function', function: { name: 'look', description: 'Looks', parameters } }];
  expect(parseTools(JSON.stringify(flat))).toEqual({ value: [tool] });
  expect(parseTools(JSON.stringify(nested))).toEqual({ value: [tool] });
  expect(parseTools('[{"type": "custom", "custom": {"name": "patch"}}]')).toEqual({
    value: [{ type: 'custom', name: 'patch', rest: {} }],
  });
});

test('nothing is no tools, and the example is one', () => {
  expect(parseTools(' \n')).toEqual({ value: [] });
  expect(parseTools(exampleTools)).toMatchObject({ value: [{ name: 'get_weather' }] });
});

test.each([
  ['[', 'not valid JSON'],
  ['{}', 'a JSON array'],
  ['[1]', 'tools[0] must be an object'],
  ['[{"type": "web_search"}]', 'tools[0].type'],
  ['[{"type": "function", "name": "a b"}]', 'tools[0].name'],
  ['[{"type": "function", "function": {}}]', 'tools[0].name'],
  ['[{"type": "function", "name": "a", "parameters": []}]', 'tools[0].parameters'],
  ['[{"type": "function", "name": "a"}, {"type": "custom", "name": "a"}]', "tools[1].name is 'a'"],
])('what is wrong is said, with its place: %s', (text, problem) => {
  expect(parseTools(text)).toMatchObject({ problem: expect.stringContaining(problem) as string });
});
