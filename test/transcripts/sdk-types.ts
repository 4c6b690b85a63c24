import { fileURLToPath } from 'node:url';
import { typeErrors } from '../support/type-errors.ts';

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * Holds what was sent against the types of OpenAI's SDK: every event, and every object that went out in one piece.
 * Values of one shape are looked at once, since a type checker takes its time.
 */
export type SdkTypes = {
  take(kind: SdkKind, value: unknown): void;
  /** How many shapes there are of each kind. */
  counts(): ReadonlyMap<SdkKind, number>;
  /** What doesn't fit, each with the value's JSON. */
  errors(): Promise<readonly string[]>;
};

/** The names of types in the source below. */
export type SdkKind =
  | 'WireChunk'
  | 'WireCompletion'
  | 'WireTextChunk'
  | 'Completion'
  | 'WireEvent'
  | 'WireResponse'
  | 'WireCompaction'
  | 'Conversation'
  | 'ResponseItemList'
  | 'ConversationItemList';

const typesOf = (dialect: string) => fileURLToPath(new URL(`../dialects/${dialect}/wire-types.ts`, import.meta.url));

const header = `
import type { Completion } from 'modules/openai/resources/completions.js';
import type { WireChunk, WireCompletion, WireTextChunk } from '${typesOf('chat')}';
import type { CompactedResponse } from 'modules/openai/resources/responses/responses.js';
import type { ResponseItemList } from 'modules/openai/resources/responses/input-items.js';
import type { ConversationItemList } from 'modules/openai/resources/conversations/items.js';
import type { Conversation } from 'modules/openai/resources/conversations/conversations.js';
import type { WireEvent, WireResponse } from '${typesOf('responses')}';

// Beside the compaction, its output has messages of others than the model, for which the SDK has no type there.
type WireCompaction = Omit<CompactedResponse, 'output'> & { output: ResponseItemList['data'] };
`;

export function createSdkTypes(): SdkTypes {
  const shapes = new Map<SdkKind, Map<string, string>>();
  return {
    take(kind, value) {
      const known = shapes.get(kind) ?? new Map<string, string>();
      shapes.set(kind, known);
      const shape = JSON.stringify(shapeOf(value as Json, ''));
      if (!known.has(shape)) known.set(shape, JSON.stringify(value));
    },
    counts: () => new Map([...shapes].map(([kind, known]) => [kind, known.size])),
    async errors() {
      const values = [...shapes].flatMap(([kind, known]) => [...known.values()].map((json) => ({ kind, json })));
      const lines = values.map(({ kind, json }, index) => `export const v${index}: ${kind} = ${json};`);
      const found = await typeErrors(`${header}${lines.join('\n')}\n`);
      const first = header.split('\n').length;
      return found.map((error) => {
        const line = Number(/captured\.ts\((\d+),/.exec(error)?.[1] ?? 0);
        return `${error}\n${values[line - first]?.json ?? ''}`;
      });
    },
  };
}

/** Members whose texts are of a closed list. */
const closed =
  /^(type|object|finish_reason|status|role|phase|reason|effort|summary|verbosity|truncation|service_tier|tool_choice)$/;

/** A value with its texts and numbers left out, so that values of one shape are equal. */
function shapeOf(value: Json, name: string): Json {
  if (typeof value === 'string') return closed.test(name) ? value : '';
  if (typeof value === 'number') return 0;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value))
    return [...new Set(value.map((each) => JSON.stringify(shapeOf(each as Json, name))))].sort();
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, member]) => [key, shapeOf(member, key)] as const)
      .sort(([left], [right]) => (left < right ? -1 : 1)),
  );
}
