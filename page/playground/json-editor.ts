export type Parsed<Value> = { readonly value: Value } | { readonly problem: string };

/** Reads JSON that somebody types. An empty text is undefined. */
export function parseJson(text: string): Parsed<unknown> {
  if (text.trim() === '') return { value: undefined };
  try {
    return { value: JSON.parse(text) as unknown };
  } catch (error) {
    return { problem: `This is not valid JSON: ${(error as Error).message}` };
  }
}

/** A JSON Schema for answers: an object, as far as it is looked at here. */
export function parseSchema(text: string): Parsed<object> {
  const parsed = parseJson(text);
  if ('problem' in parsed) return parsed;
  if (!isObject(parsed.value)) return { problem: 'The schema must be a JSON object, as in {"type": "object", …}.' };
  return { value: parsed.value };
}

export function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
