import type { Exchange } from '../core/dialect.ts';
import type { TurnEvent } from '../core/event.ts';
import type { LeaveSignal } from '../core/leave-signal.ts';
import type { Turn } from '../core/turn.ts';
import { runCompacted } from './compacted.ts';
import type { Gateway, RunHooks } from './gateway.ts';

/**
 * Runs all that an exchange asks of the engine, as the parts of one answer. Each turn waits for the engine as a request
 * of its own would, so that others get theirs in between. One that fails is the end of all.
 */
export function runExchange(
  gateway: Pick<Gateway, 'run' | 'countTokens'>,
  { turn, further = [], compaction, prepares = false }: Exchange,
  signal: LeaveSignal,
  hooks: RunHooks = {},
): AsyncIterable<readonly TurnEvent[]> {
  if (prepares) return prepare(gateway, turn);
  if (compaction !== undefined) return runCompacted(gateway, turn, compaction, signal, hooks);
  // A single turn, as nearly all are, isn't kept in memory while it runs.
  return further.length === 0
    ? gateway.run(turn, signal, hooks)
    : runSuccessively(gateway, [turn, ...further], signal, hooks);
}

/** What a turn would read, without an answer: the prompt's tokens are there when the next turn wants them. */
async function* prepare(
  gateway: Pick<Gateway, 'countTokens'>,
  turn: Turn,
): AsyncGenerator<readonly TurnEvent[], void, undefined> {
  const inputTokens = await gateway.countTokens(turn);
  yield [
    { type: 'turn-start', inputTokens, cachedTokens: 0 },
    { type: 'turn-end', reason: 'stop', usage: { inputTokens, cachedTokens: 0, outputTokens: 0, reasoningTokens: 0 } },
  ];
}

/** The end of every turn but the last says that more follows. */
async function* runSuccessively(
  gateway: Pick<Gateway, 'run'>,
  turns: readonly Turn[],
  signal: LeaveSignal,
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
