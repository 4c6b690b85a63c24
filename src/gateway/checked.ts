import { GatewayError } from '../core/errors.ts';
import type { TurnEvent, Usage } from '../core/event.ts';
import type { Turn } from '../core/turn.ts';
import type { AnswerCheck, Verdict } from './answer-check.ts';

/**
 * Runs a turn until its answer passes the check, at most `attempts` times.
 *
 * What can't be judged yet is held back, but for thinking, so that a client never sees an answer that is taken back. A failed attempt and
 * what was wrong with it become part of the conversation for the next one, since the daemon's sampling is deterministic
 * and the same question would have the same answer. The tokens of failed attempts are in the usage.
 *
 * @throws GatewayError `invalid_answer` when the last attempt fails too.
 */
export async function* runChecked(
  turn: Turn,
  createCheck: () => Promise<AnswerCheck>,
  attempts: number,
  attempt: (turn: Turn) => AsyncIterable<readonly TurnEvent[]>,
): AsyncGenerator<readonly TurnEvent[], void, undefined> {
  const check = await createCheck();
  let current = turn;
  let spent: Spent = { outputTokens: 0, reasoningTokens: 0 };
  for (let tries = 1; ; tries++) {
    const watch = check.watch();
    let held: TurnEvent[] = [];
    let passed = false;
    let fault = null as Extract<Verdict, { type: 'bad' }> | null;
    for await (const batch of attempt(current)) {
      for (const event of batch) {
        if (event.type === 'turn-queued' || event.type === 'turn-start') {
          // Waiting and beginning happen once, as far as the client is concerned.
          if (tries === 1) yield [event];
          continue;
        }
        // Thinking is nothing that would have to be taken back.
        if (held.length === 0 && isThinking(event)) {
          yield [event];
          continue;
        }
        held.push(event.type === 'turn-end' ? withSpent(event, spent) : event);
        const verdict = passed ? null : await watch.see(event);
        if (event.type === 'turn-end') spent = plus(event.usage, spent);
        if (verdict?.type === 'good') passed = true;
        if (verdict?.type === 'bad') fault = verdict;
      }
      if (fault === null && passed && held.length > 0) {
        yield held;
        held = [];
      }
    }
    if (fault === null) return;
    if (tries === attempts) {
      throw new GatewayError(
        'invalid_answer',
        `The model did not give an answer as it was asked for, in ${attempts} attempts: ${fault.what}.`,
      );
    }
    current = { ...current, items: [...current.items, ...fault.reply] };
  }
}

function isThinking({ type }: TurnEvent): boolean {
  return type === 'reasoning-start' || type === 'reasoning-delta' || type === 'reasoning-end';
}

/** What failed attempts cost, beside the prompt that they share. */
type Spent = Pick<Usage, 'outputTokens' | 'reasoningTokens'>;

function plus(one: Spent, other: Spent): Spent {
  return {
    outputTokens: one.outputTokens + other.outputTokens,
    reasoningTokens: one.reasoningTokens + other.reasoningTokens,
  };
}

function withSpent(end: Extract<TurnEvent, { type: 'turn-end' }>, spent: Spent): TurnEvent {
  return { ...end, usage: { ...end.usage, ...plus(end.usage, spent) } };
}
