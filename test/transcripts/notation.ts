import { readFileSync } from 'node:fs';
import { control } from '../../src/harmony/encoding.ts';
import type { Encoding } from '../../src/harmony/encoding.ts';
import type { XpcDictionary, XpcValue } from '../../src/xpc/value.ts';
import { bare, layOut } from './json-text.ts';

// README.md specifies what is written here.

type Json = { readonly [key: string]: unknown };

/** An event of a stream; a comment has null data. */
export type StreamEvent = { readonly event: string | null; readonly data: string | null };

const controlNames = new Map<number, string>(Object.entries(control).map(([name, id]) => [id, name]));

/** Tokens as they are written under `prefill`. */
export function prefillText(tokens: Uint32Array, encoding: Encoding): string {
  let written = '';
  let text: number[] = [];
  const endText = () => {
    written += escapeText(textOf(text, encoding));
    text = [];
  };
  for (const [index, id] of tokens.entries()) {
    const name = controlNames.get(id);
    if (name === undefined) {
      text.push(id);
      continue;
    }
    endText();
    if (name === 'start' && index > 0) written += '\n';
    written += `<|${name}|>`;
  }
  endText();
  return written;
}

function textOf(ids: readonly number[], encoding: Encoding): string {
  const text = encoding.decode(ids);
  const usual = [...encoding.encode(text)];
  if (usual.join() !== ids.join())
    throw new Error(`these are not the tokens of ordinary text: ${ids.join()} (${text})`);
  // oxlint-disable-next-line no-control-regex
  if (/[\0-\x09\x0b-\x1f\x7f]/.test(text)) throw new Error(`a transcript can't show the control characters of ${text}`);
  return text;
}

/** Text that looks like a control token is told from one by a backslash. */
function escapeText(text: string): string {
  return text.replace(/<(\\*)\|/g, '<\\$1|');
}

/** Messages to the daemon as they are written under `daemon`: their types, and what is in them beside the envelope. */
export function daemonText(messages: readonly XpcDictionary[]): string {
  const envelope = new Set(['service', 'proto_version', 'req_id', 'type', 'prefill_tokens']);
  return messages
    .map((message) => {
      const fields = [...message].filter(([key]) => !envelope.has(key));
      const type = message.get('type') as string;
      return fields.length === 0 ? type : `${type} ${layOut(plain(new Map(fields)), 0, type.length + 1)}`;
    })
    .join('\n');
}

function plain(value: XpcValue): unknown {
  if (value instanceof Map) {
    return Object.fromEntries([...(value as XpcDictionary)].map(([key, member]) => [key, plain(member)]));
  }
  if (typeof value !== 'object' || value === null || !('type' in value)) return value;
  return bare(value.type === 'tokens' ? 'tokens' : `${value.type}(${String(value.value)})`);
}

/** An HTTP answer in one piece as it is written under `response`. */
export function responseText(status: number, headers: Headers, body: string): string {
  const told = ['allow', 'retry-after', 'upgrade', 'www-authenticate'].flatMap((name) => {
    const value = headers.get(name);
    return value === null ? [] : [`${name}: ${value}`];
  });
  const value = JSON.parse(body) as Json;
  return [String(status), ...told, layOut(shortened(value, defaultsOf(value['object'])))].join('\n');
}

/** A stream as it is written under `stream`. */
export function streamText(events: readonly StreamEvent[]): string {
  /** The last event of each name. */
  const last = new Map<string | null, Json>();
  let snapshot = defaults['response']!;
  let sequence = 0;
  const lines = events.map(({ event: name, data }) => {
    if (data === null) return ': keep-alive';
    if (data === '[DONE]') return data;
    const { ...event } = JSON.parse(data) as { [key: string]: unknown };
    if ('error' in event && name === null) return layOut(event);
    const before = last.get(name) ?? defaultsOf(event['object']);
    last.set(name, { ...event });
    if (name === null) return layOut(withoutChoiceDefaults(shortened(event, before)));
    if (event['type'] === name) delete event['type'];
    if (event['sequence_number'] === sequence++) delete event['sequence_number'];
    const { type: _type, sequence_number: _number, response: _response, ...rest } = before;
    const short = shortened(event, rest);
    if (event['response'] !== undefined) {
      const response = event['response'] as Json;
      short['response'] = shortened(response, snapshot);
      if (Object.keys(short['response'] as Json).length === 0) delete short['response'];
      snapshot = response;
    }
    return Object.keys(short).length === 0 ? name : `${name} ${layOut(short, 0, name.length + 1)}`;
  });
  return lines.join('\n');
}

/** A value without the members that are the same in `before`; those that only `before` has are `absent`. */
function shortened(value: Json, before: Json): { [key: string]: unknown } {
  const short: { [key: string]: unknown } = {};
  for (const [key, member] of Object.entries(value)) {
    if (!(key in before) || !same(member, before[key])) short[key] = member;
  }
  for (const key of Object.keys(before)) if (!(key in value)) short[key] = bare('absent');
  return short;
}

function withoutChoiceDefaults(chunk: { [key: string]: unknown }): Json {
  if (!Array.isArray(chunk['choices'])) return chunk;
  const choices = chunk['choices'].map((choice: Json) => shortened(choice, defaults['choice']!));
  return { ...chunk, choices };
}

function same(left: unknown, right: unknown): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

/** The blocks of README.md that say what is left out: its JSON by the name behind `json defaults`. */
const defaults: { readonly [name: string]: Json } = Object.fromEntries(
  [
    ...readFileSync(new URL('README.md', import.meta.url), 'utf8').matchAll(
      /^```json defaults of (\S+)\n(.*?)\n```$/gms,
    ),
  ].map(([, name, json]) => [name!, JSON.parse(json!) as Json]),
);

/** What an object, or the first event of a stream, is shortened by. */
function defaultsOf(object: unknown): Json {
  return (typeof object === 'string' ? defaults[object] : undefined) ?? {};
}
