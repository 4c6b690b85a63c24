import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { GatewayError } from '../../src/core/errors.ts';
import { formatPath, optional, parseRequest } from '../../src/dialects/parse.ts';

const part = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({ type: z.literal('image'), url: z.string() }),
]);

const schema = z.object({
  model: z.string(),
  input: z.union([z.string(), z.array(z.object({ role: z.enum(['user', 'assistant']), content: z.array(part) }))]),
  count: optional(z.int().min(1)),
  labels: optional(z.record(z.string().max(3), z.string())),
});

const sound = { model: 'm', input: 'x' };
const withParts = (...content: unknown[]) => ({ model: 'm', input: [{ role: 'user', content }] });

function faultOf(body: unknown): { code: string; param: string | null; message: string } {
  try {
    parseRequest(schema, body);
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(GatewayError);
    const { code, param, message } = thrown as GatewayError;
    return { code, param, message };
  }
  throw new Error('the body was accepted');
}

describe('parseRequest', () => {
  it('gives back what the schema reads', () => {
    expect(parseRequest(schema, { ...sound, count: 2 })).toEqual({ ...sound, count: 2 });
  });

  it('takes an explicit null for an absent field', () => {
    expect(parseRequest(schema, { ...sound, count: null }).count).toBeUndefined();
    expect(faultOf({ ...sound, model: null })).toEqual(faultOf({ input: 'x' }));
  });

  it.each([
    [{ input: 'x' }, 'missing_required_parameter', 'model', "Missing required parameter: 'model'."],
    [{ model: 'm' }, 'missing_required_parameter', 'input', "Missing required parameter: 'input'."],
    [{ ...sound, model: 5 }, 'invalid_type', 'model', "Invalid value for 'model': expected string, received number."],
    [
      { ...sound, input: 5 },
      'invalid_type',
      'input',
      "Invalid value for 'input': expected string or array, received number.",
    ],
    [{ ...sound, count: 0 }, 'invalid_value', 'count', "Invalid value for 'count': expected number to be >=1."],
    [
      { ...sound, input: [{ role: 'tool', content: [] }] },
      'invalid_value',
      'input[0].role',
      "Invalid value for 'input[0].role': expected one of 'user', 'assistant', received 'tool'.",
    ],
    [
      withParts({ type: 'text', text: 'a' }, { type: 'video' }),
      'invalid_value',
      'input[0].content[1].type',
      "Invalid value for 'input[0].content[1].type': expected one of 'text', 'image', received 'video'.",
    ],
    [
      withParts({ text: 'a' }),
      'missing_required_parameter',
      'input[0].content[0].type',
      "Missing required parameter: 'input[0].content[0].type'.",
    ],
    [
      withParts({ type: 'image' }),
      'missing_required_parameter',
      'input[0].content[0].url',
      "Missing required parameter: 'input[0].content[0].url'.",
    ],
    [
      { ...sound, labels: { long: 'x' } },
      'invalid_value',
      'labels.long',
      "Invalid value for 'labels.long': expected string to have <=3 characters as a key.",
    ],
    [null, 'invalid_type', null, 'Invalid value for the request body: expected object, received null.'],
    [[], 'invalid_type', null, 'Invalid value for the request body: expected object, received array.'],
  ])('names the field at fault in %j', (body, code, param, message) => {
    expect(faultOf(body)).toEqual({ code, param, message });
  });

  it('does not repeat a long text of the caller', () => {
    const { message } = faultOf(withParts({ type: 'secret'.repeat(100) }));
    expect(message).not.toContain('secret');
  });
});

describe('formatPath', () => {
  it('writes indices in brackets and names after dots', () => {
    expect(formatPath(['input', 2, 'content', 0, 'type'])).toBe('input[2].content[0].type');
    expect(formatPath([])).toBe('');
  });
});
