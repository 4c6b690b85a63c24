import type { Compaction } from '../../core/dialect.ts';
import type { Turn } from '../../core/turn.ts';
import { asksForCompaction, outlivesCompaction } from './compaction.ts';
import type { InputItem } from './schema-input.ts';
import type { ResponsesRequest } from './schema.ts';
import type { Seals } from './seals.ts';
import { isReadableCompaction } from './to-items.ts';

/**
 * How the conversation of a request is compacted when its prompt has more tokens than `context_management` allows. The
 * item that the answer begins with stands for the same as it does in this very turn, so that what follows is read from
 * the engine's cache.
 *
 * @param request with everything that was said before in its input.
 * @param toTurn makes a turn of a request with another input.
 * @returns null when nothing is to be compacted, whatever its length.
 */
export function autoCompaction(
  request: ResponsesRequest,
  seals: Seals,
  toTurn: (request: ResponsesRequest) => Turn,
): Compaction | null {
  const thresholds = (request.context_management ?? []).flatMap(({ compact_threshold: tokens }) => tokens ?? []);
  const { input } = request;
  if (thresholds.length === 0 || typeof input === 'string') return null;
  if (asksForCompaction(input) || !isWorthwhile(input, seals)) return null;
  return {
    threshold: Math.min(...thresholds),
    turn: () => ({
      ...toTurn({ ...request, input: [...input, { type: 'compaction_trigger' }] }),
      maxOutputTokens: null,
    }),
    shortened: (summary) =>
      toTurn({
        ...request,
        input: [...input, { type: 'compaction', encrypted_content: seals.seal('compaction', summary) }],
      }),
  };
}

/** Whether something has been said or done since the last compaction that a summary could stand for. */
function isWorthwhile(input: readonly InputItem[], seals: Seals): boolean {
  const since = input.slice(input.findLastIndex((item) => isReadableCompaction(item, seals)) + 1);
  return since.some((item) => !outlivesCompaction(item, new Set()));
}
