import type { Compaction } from '../core/dialect.ts';
import { GatewayError } from '../core/errors.ts';
import { addUsage } from '../core/event.ts';
import type { TurnEvent, Usage } from '../core/event.ts';
import type { LeaveSignal } from '../core/leave-signal.ts';
import type { Turn } from '../core/turn.ts';
import type { Gateway, RunHooks } from './gateway.ts';

type Runner = Pick<Gateway, 'run' | 'countTokens'>;
type Batches = AsyncGenerator<readonly TurnEvent[], void, undefined>;

/**
 * Runs a turn whose conversation is summed up first where its prompt has more tokens than it may. To the client both are
 * one turn: the summary is its first text, with the phase `summary`, and its usage is that of both.
 *
 * A summary is told when it is whole. One that is empty, or that there is no room for, is none: the turn goes on with
 * the conversation as it is.
 */
export async function* runCompacted(
  gateway: Runner,
  turn: Turn,
  compaction: Compaction,
  signal: LeaveSignal,
  hooks: RunHooks,
): Batches {
  // What truncation would leave of the conversation is no measure of it.
  const tokens = await gateway.countTokens({ ...turn, truncation: 'disabled' });
  if (tokens <= compaction.threshold) return yield* gateway.run(turn, signal, hooks);

  let used: Usage | null = null;
  let summary = '';
  let isWhole = false;
  try {
    for await (const batch of gateway.run(compaction.turn(), signal, hooks)) {
      const heard = batch.filter(({ type }) => type === 'turn-queued' || type === 'turn-start');
      for (const event of batch) {
        if (event.type === 'text-start') summary = '';
        else if (event.type === 'text-delta') summary += event.text;
        else if (event.type === 'turn-end') {
          used = event.usage;
          isWhole = event.reason === 'stop';
        }
      }
      if (heard.length > 0) yield heard;
    }
  } catch (error) {
    if (!(error instanceof GatewayError) || error.code !== 'context_length_exceeded') throw error;
  }
  const isUsable = isWhole && summary.trim() !== '';
  if (isUsable) yield summaryBlock(summary);
  const rest = gateway.run(isUsable ? compaction.shortened(summary) : turn, signal, hooks);
  return yield* used === null ? rest : continued(rest, used);
}

function summaryBlock(text: string): readonly TurnEvent[] {
  return [
    { type: 'text-start', phase: 'summary' },
    { type: 'text-delta', text },
    { type: 'text-end', text },
  ];
}

/** The events of a turn that has begun already and used some tokens. */
async function* continued(batches: AsyncIterable<readonly TurnEvent[]>, used: Usage): Batches {
  for await (const batch of batches) {
    const events = batch.flatMap((event): readonly TurnEvent[] => {
      if (event.type === 'turn-queued' || event.type === 'turn-start') return [];
      return [event.type === 'turn-end' ? { ...event, usage: addUsage(used, event.usage) } : event];
    });
    if (events.length > 0) yield events;
  }
}
