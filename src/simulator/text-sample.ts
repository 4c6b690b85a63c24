import type { JsonSchema } from '../core/turn.ts';
import { samplePattern } from './pattern-sample.ts';

const formats: { readonly [format: string]: string } = {
  'date-time': '2026-01-02T03:04:05Z',
  date: '2026-01-02',
  time: '03:04:05Z',
  duration: 'P1D',
  email: 'someone@example.com',
  'idn-email': 'someone@example.com',
  hostname: 'example.com',
  'idn-hostname': 'example.com',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  uuid: '00000000-0000-4000-8000-000000000001',
  uri: 'https://example.com/',
  'uri-reference': '/',
  iri: 'https://example.com/',
  url: 'https://example.com/',
  'json-pointer': '/a',
  regex: '.*',
};

/** A text that a schema accepts: what the value is called, where it is free. `index` tells it from its neighbours. */
export function sampleText(schema: JsonSchema, name: string, index: number): string | undefined {
  const { format, pattern, minLength, maxLength } = schema;
  const least = typeof minLength === 'number' ? minLength : 0;
  const most = typeof maxLength === 'number' ? maxLength : Infinity;
  const known = typeof format === 'string' && Object.hasOwn(formats, format) ? formats[format] : undefined;
  if (typeof pattern === 'string') return samplePattern(pattern, { least, most, index });
  if (known !== undefined && known.length >= least && known.length <= most) return known;

  const text = name.replaceAll('_', ' ') + (index === 0 ? '' : ` ${index + 1}`);
  const characters = [...text.padEnd(least, '.')];
  // Cut at the front, where neighbours don't differ.
  return most >= characters.length ? characters.join('') : most === 0 ? '' : characters.slice(-most).join('');
}
