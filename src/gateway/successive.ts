import type { TurnEvent } from '../core/event.ts';
import type { Turn } from '../core/turn.ts';
import type { Gateway, RunHooks } from './gateway.ts';

/**
 * Runs turns one after another, as the parts of one answer: the end of every one but the last says that more follows.
 * Each waits for the engine as a request of its own would, so that others get their turn in between. One that fails is
 * the end of all.
 */
export function runSuccessively(
  gateway: Pick<Gateway, 'run'>,
  turns: readonly Turn[],
  signal: AbortSignal,
  hooks: RunHooks,
): AsyncIterable<readonly TurnEvent[]> {
  // A single one, as nearly all are, isn't kept in memory while it runs.
  return turns.length === 1 ? gateway.run(turns[0]!, signal, hooks) : runSeveral(gateway, turns, signal, hooks);
}

async function* runSeveral(
  gateway: Pick<Gateway, 'run'>,
  turns: readonly Turn[],
  signal: AbortSignal,
  hooks: RunHooks,
): AsyncGenerator<readonly TurnEvent[], void, undefined> {
  for (const [index, turn] of turns.entries()) {
    const isLast = index === turns.length - 1;
    for await (const batch of gateway.run(turn, signal, hooks)) {
      const ends = !isLast && batch.at(-1)?.type === 'turn-end';
      yield ends ? batch.map((event) => (event.type === 'turn-end' ? { ...event, more: true } : event)) : batch;
    }
  }
}
