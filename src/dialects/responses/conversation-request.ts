import { z } from 'zod';
import { GatewayError } from '../../core/errors.ts';
import { metadata } from '../metadata.ts';
import type { Metadata } from '../metadata.ts';
import { optional, parseRequest } from '../parse.ts';
import { inputItems } from './schema-input.ts';
import { storedReferences, withReferenced } from './stored-input.ts';

/** Bodies of the Conversations API. Items are checked as those of a response's input are, and stay as they were written. */

/** OpenAI's limit of items in one request. */
const mostItems = 20;

const items = z.array(z.unknown()).max(mostItems);
export const creation = z.object({ items: optional(items), metadata: optional(metadata) });
export const addition = z.object({ items });

type Items = readonly unknown[];

/** @throws GatewayError naming the field at fault. */
export function parseConversation(body: unknown): { readonly items: Items; readonly metadata: Metadata } {
  const request = parseRequest(creation, body ?? {});
  return { items: request.items ?? [], metadata: request.metadata ?? {} };
}

/** @throws GatewayError naming the field at fault. */
export function parseAddition(body: unknown): Items {
  return parseRequest(addition, body ?? {}).items;
}

/** Ids of the stored items that these refer to. */
export function referencedItems(items: Items): readonly string[] {
  return storedReferences({ input: items }).items;
}

/**
 * The items, with the stored ones where they refer to such.
 *
 * @throws GatewayError naming the item at fault.
 */
export function completeItems(items: Items, referenced: ReadonlyMap<string, object>): Items {
  const { input } = withReferenced({ input: items }, referenced) as { readonly input: Items };
  const parsed = parseRequest(z.object({ items: inputItems }), { items: input });
  for (const [index, item] of parsed.items.entries()) {
    const param = `items[${index}]`;
    if (item.type === 'item_reference') {
      throw new GatewayError('not_found', `Item with id '${item.id}' not found.`, { param });
    }
    if (item.type === 'compaction_trigger') {
      throw new GatewayError('invalid_value', `'${param}' asks for compaction, which only a response's input can.`, {
        param,
      });
    }
  }
  return input;
}
