import { isObject, parseJson } from './json-editor.ts';
import type { Parsed } from './json-editor.ts';

/** A tool as both APIs know it; `rest` holds everything but its type and name. */
export type Tool = {
  readonly type: 'function' | 'custom';
  readonly name: string;
  readonly rest: { readonly [key: string]: unknown };
};

export const exampleTools = JSON.stringify(
  [
    {
      type: 'function',
      name: 'get_weather',
      description: 'Current weather of a city',
      parameters: {
        type: 'object',
        properties: { city: { type: 'string' }, unit: { type: 'string', enum: ['celsius', 'fahrenheit'] } },
        required: ['city'],
      },
    },
  ],
  null,
  2,
);

/** Reads a list of tools in the form of either API; nothing is no tools. */
export function parseTools(text: string): Parsed<readonly Tool[]> {
  const parsed = parseJson(text);
  if ('problem' in parsed) return parsed;
  const list = parsed.value ?? [];
  if (!Array.isArray(list)) return { problem: 'Tools are a JSON array: [ { "type": "function", "name": … } ].' };
  const tools: Tool[] = [];
  for (const [index, given] of list.entries()) {
    const tool = toolOf(given, `tools[${index}]`);
    if ('problem' in tool) return tool;
    if (tools.some(({ name }) => name === tool.value.name)) {
      return { problem: `tools[${index}].name is '${tool.value.name}', as that of a tool before it.` };
    }
    tools.push(tool.value);
  }
  return { value: tools };
}

function toolOf(given: unknown, at: string): Parsed<Tool> {
  if (!isObject(given)) return { problem: `${at} must be an object.` };
  const { type } = given;
  if (type !== 'function' && type !== 'custom') return { problem: `${at}.type must be "function" or "custom".` };
  // Chat Completions put what a tool is one level deeper.
  const nested = given[type];
  const { type: _type, name, ...rest } = isObject(nested) ? { type, ...nested } : given;
  if (typeof name !== 'string' || !/^[\w-]{1,64}$/.test(name)) {
    return { problem: `${at}.name must be 1 to 64 letters, digits, _ or -.` };
  }
  const { parameters } = rest as { readonly parameters?: unknown };
  if (type === 'function' && parameters !== undefined && parameters !== null && !isObject(parameters)) {
    return { problem: `${at}.parameters must be a JSON Schema, an object.` };
  }
  return { value: { type, name, rest } };
}
