import type { Ids, IdPrefix } from '../../core/ids.ts';

/** What a request's body says of things that are stored. Not checked: what is of a wrong type is not there. */
export type StoredReferences = {
  readonly previousResponse: string | null;
  readonly conversation: string | null;
  /** Ids of the items that the input refers to. */
  readonly items: readonly string[];
};

export function storedReferences(body: unknown): StoredReferences {
  const { previous_response_id: previous, conversation, input } = isRecord(body) ? body : {};
  const id = isRecord(conversation) ? conversation['id'] : conversation;
  return {
    previousResponse: typeof previous === 'string' ? previous : null,
    conversation: typeof id === 'string' ? id : null,
    items: Array.isArray(input) ? input.flatMap((item: unknown) => referenceIn(item) ?? []) : [],
  };
}

/** The body with the items themselves where its input refers to stored ones; references to others stay. */
export function withReferenced(body: unknown, referenced: ReadonlyMap<string, object>): unknown {
  if (referenced.size === 0 || !isRecord(body) || !Array.isArray(body['input'])) return body;
  return { ...body, input: body['input'].map((item: unknown) => referenced.get(referenceIn(item) ?? '') ?? item) };
}

/** A reference may leave its type out, as a message may; only a message has a role. */
function referenceIn(item: unknown): string | null {
  if (!isRecord(item) || 'role' in item || typeof item['id'] !== 'string') return null;
  const type = item['type'] ?? 'item_reference';
  return type === 'item_reference' ? item['id'] : null;
}

/**
 * The input as it is stored and listed: every item with an id, its type and a status, contents in parts. What else a
 * client has written into an item stays as it is.
 */
export function storedItems(input: string | readonly unknown[], ids: Ids): { readonly id: string }[] {
  if (typeof input === 'string') return storedItems([{ role: 'user', content: input }], ids);
  // What asks for a compaction is no part of the conversation.
  return input.flatMap((item) =>
    isRecord(item) && item['type'] !== 'compaction_trigger' ? [storedItem(item, ids)] : [],
  );
}

function storedItem(item: Record<string, unknown>, ids: Ids): { readonly id: string } {
  const type = typeof item['type'] === 'string' ? item['type'] : 'message';
  const known = item['id'];
  const id = typeof known === 'string' && /^[!-~]{1,512}$/.test(known) ? known : ids.next(prefixOf(type));
  const content = type === 'message' ? { content: contentParts(item['content'], item['role']) } : {};
  const status = item['status'] ?? 'completed';
  return Object.assign({ ...item, id }, { type, status }, content);
}

function contentParts(content: unknown, role: unknown): unknown {
  if (typeof content !== 'string') return content;
  if (role === 'assistant') return [{ type: 'output_text', text: content, annotations: [], logprobs: [] }];
  return [{ type: 'input_text', text: content }];
}

function prefixOf(type: string): IdPrefix {
  switch (type) {
    case 'message':
      return 'msg';
    case 'reasoning':
      return 'rs';
    case 'function_call':
      return 'fc';
    case 'function_call_output':
      return 'fco';
    case 'custom_tool_call':
      return 'ctc';
    case 'custom_tool_call_output':
      return 'ctco';
    case 'compaction':
      return 'cmp';
    default:
      return 'item';
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
