import { GatewayError } from '../core/errors.ts';
import type { PageRequest } from './store.ts';

/** The entries of a page, of a list that is given in ascending order. */
export function pageOf<Entry extends { readonly id: string }>(
  entries: readonly Entry[],
  { after, limit, order }: PageRequest,
): { readonly entries: readonly Entry[]; readonly hasMore: boolean } {
  const ordered = order === 'asc' ? entries : entries.toReversed();
  const from = after === null ? 0 : ordered.findIndex(({ id }) => id === after) + 1;
  if (after !== null && from === 0) throw unknownCursor(after);
  return { entries: ordered.slice(from, from + limit), hasMore: ordered.length > from + limit };
}

export function unknownCursor(after: string): GatewayError {
  return new GatewayError('invalid_value', `'after' is '${after.slice(0, 80)}', which is not in this list.`, {
    param: 'after',
  });
}
