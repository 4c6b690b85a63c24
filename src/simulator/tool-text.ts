import type { JsonSchema } from '../core/turn.ts';
import { parseJson } from './declared-tools.ts';

/** A tool as a prompt describes it. */
export type ToolSignature = {
  readonly name: string;
  /** As in `functions.get_weather`. */
  readonly recipient: string;
  /** JSON Schema read back from the TypeScript-like text, which says less than the schema it was made from. */
  readonly parameters: JsonSchema | null;
};

/** The tools of all `namespace … { … }` sections in a text. */
export function readTools(text: string): ToolSignature[] {
  const tools: ToolSignature[] = [];
  const line = /^(?:namespace (\S+) \{$|type (\S+) = \((_: )?|\} \/\/ namespace )/gmu;
  let namespace: string | null = null;
  for (let match = line.exec(text); match !== null; match = line.exec(text)) {
    const [, opened, name, argument] = match;
    if (opened !== undefined) namespace = opened;
    else if (name === undefined) namespace = null;
    else if (namespace !== null) {
      const parsed = argument === undefined ? null : readType(text, line.lastIndex);
      if (parsed !== null) line.lastIndex = parsed.end;
      tools.push({ name, recipient: `${namespace}.${name}`, parameters: parsed?.schema ?? null });
    }
  }
  return tools;
}

type ReadType = { readonly schema: JsonSchema; readonly end: number };

/** A type that begins at or behind `at`; null: what stands there is none. */
function readType(text: string, at: number): ReadType | null {
  const start = skipComments(text, at);
  if (text[start] !== '|') return readUnion(text, start);
  const variants: JsonSchema[] = [];
  let end = start;
  while (text[end] === '|') {
    const variant = readUnion(text, skipBlanks(text, end + 1));
    if (variant === null) return null;
    variants.push(variant.schema);
    end = skipComments(text, variant.end);
  }
  return { schema: { anyOf: variants }, end };
}

/**
 * Members on one line, as in `"a" | "b" | null`. Brackets close over all that stands before them: the renderer writes
 * a list of `"a" | "b"` as `"a" | "b"[]`.
 */
function readUnion(text: string, at: number): ReadType | null {
  let members: JsonSchema[] = [];
  let end = at;
  for (;;) {
    const member = readMember(text, skipComments(text, end));
    if (member === null) return null;
    members.push(member.schema);
    end = member.end;
    while (text.startsWith('[]', end)) {
      members = [{ type: 'array', items: union(members) }];
      end += 2;
    }
    if (!text.startsWith(' | ', end)) return { schema: union(members), end };
    end += 3;
  }
}

function union(members: readonly JsonSchema[]): JsonSchema {
  const [first] = members;
  if (members.length === 1 && first !== undefined) return first;
  const texts = members.flatMap((member) => (Array.isArray(member['enum']) ? (member['enum'] as unknown[]) : []));
  return texts.length === members.length ? { type: 'string', enum: texts } : { anyOf: members };
}

function readMember(text: string, at: number): ReadType | null {
  if (text[at] === '{') return readObject(text, at + 1);
  const literal = /"(.*?)"(?=\[\]| \||,| \/\/|\)|\s)/suy;
  literal.lastIndex = at;
  const quoted = literal.exec(text);
  if (quoted !== null) return { schema: { type: 'string', enum: [quoted[1] ?? ''] }, end: literal.lastIndex };
  const word = /Array<any>|[a-z]+/uy;
  word.lastIndex = at;
  switch (word.exec(text)?.[0]) {
    case 'string':
    case 'number':
    case 'boolean':
    case 'null':
    case 'object':
    case 'array':
      return { schema: { type: text.slice(at, word.lastIndex) }, end: word.lastIndex };
    case 'Array<any>':
      return { schema: { type: 'array' }, end: word.lastIndex };
    case 'any':
      return { schema: {}, end: word.lastIndex };
    default:
      return null;
  }
}

/**
 * Members of an object up to its brace. Lines that are no member are passed over: a description of several lines
 * stands there with only its first line marked as a comment.
 */
function readObject(text: string, at: number): ReadType {
  const properties: { [name: string]: JsonSchema } = {};
  const required: string[] = [];
  let notes: JsonSchema = {};
  let end = at;
  while (end < text.length) {
    end = skipBlanks(text, end);
    // An object that is never closed ends where the next tool begins.
    if (/^type \S+ = \(/u.test(text.slice(end, endOfLine(text, end)))) break;
    if (text[end] === '}') {
      end += 1;
      break;
    }
    const lineEnd = endOfLine(text, end);
    const member = text.startsWith('//', end) ? null : readProperty(text, end, lineEnd);
    if (member === null) {
      notes = withNote(notes, text.slice(end, lineEnd));
      end = lineEnd;
      continue;
    }
    Object.defineProperty(properties, member.name, { value: { ...member.schema, ...notes, ...member.note }, ...plain });
    if (member.required) required.push(member.name);
    notes = {};
    end = member.end;
  }
  return { schema: { type: 'object', properties, required }, end };
}

/** So that a member called `__proto__` is a member like any other. */
const plain = { enumerable: true, configurable: true, writable: true };

function readProperty(text: string, at: number, lineEnd: number) {
  const label = /^(.+?)(\??):(?=\s|$)/u.exec(text.slice(at, lineEnd));
  if (label === null) return null;
  const type = readType(text, at + label[0].length);
  if (type === null) return null;
  const comma = skipBlanks(text, type.end);
  if (text[comma] !== ',') return null;
  const end = endOfLine(text, comma);
  const comment = text.slice(comma + 1, end).trim();
  return { name: label[1]!, required: label[2] === '', schema: type.schema, note: withNote({}, comment), end };
}

/** What a comment says about a value: its default, or an example. */
function withNote(notes: JsonSchema, line: string): JsonSchema {
  const fallback = /^\/\/ default: (.*)$/su.exec(line)?.[1];
  if (fallback !== undefined) return { ...notes, default: parseJson(fallback) ?? fallback };
  const example = /^\/\/ - "(.*)"$/su.exec(line)?.[1];
  return example === undefined || notes['examples'] !== undefined ? notes : { ...notes, examples: [example] };
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end === -1 ? text.length : end;
}

function skipBlanks(text: string, at: number): number {
  let end = at;
  while (end < text.length && /\s/u.test(text[end]!)) end++;
  return end;
}

function skipComments(text: string, at: number): number {
  let end = skipBlanks(text, at);
  while (text.startsWith('//', end)) end = skipBlanks(text, endOfLine(text, end));
  return end;
}
