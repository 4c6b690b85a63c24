import { GatewayError } from '../core/errors.ts';
import type { Page, PageRequest } from '../store/store.ts';

/** A query string as Fastify reads it. */
export type Query = { readonly [name: string]: string | readonly string[] | undefined };

const [leastEntries, mostEntries, usualEntries] = [1, 100, 20] as const;

/**
 * Which part of a list is asked for.
 *
 * @throws GatewayError naming the parameter at fault.
 */
export function pageRequest(query: Query, usualOrder: PageRequest['order']): PageRequest {
  const { after, limit, order = usualOrder } = query;
  const count = limit === undefined ? usualEntries : Number(limit);
  if (!Number.isInteger(count) || count < leastEntries || count > mostEntries) {
    throw new GatewayError('invalid_value', `'limit' is a whole number from ${leastEntries} to ${mostEntries}.`, {
      param: 'limit',
    });
  }
  if (order !== 'asc' && order !== 'desc') {
    throw new GatewayError('invalid_value', "'order' is 'asc' or 'desc'.", { param: 'order' });
  }
  return { after: typeof after === 'string' && after !== '' ? after : null, limit: count, order };
}

/** What a client wants to see beside the usual; its SDKs write a list as `include[]=…&include[]=…`. */
export function includesOf(query: Query): readonly string[] {
  return [query['include[]'] ?? [], query['include'] ?? []].flat();
}

/** OpenAI's list object. */
export function listObject<Entry extends { readonly id: string }>({ data, hasMore }: Page<Entry>) {
  return {
    object: 'list',
    data,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: hasMore,
  };
}
