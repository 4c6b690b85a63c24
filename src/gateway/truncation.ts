import type { Model } from '../core/models.ts';
import type { Turn, TurnItem } from '../core/turn.ts';
import type { Prefill } from '../harmony/prefill.ts';

/** Of the context window, what is kept free for the answer of a truncated conversation, at most. */
const answerShare = 1 / 4;
/** Tokens kept free for an answer that has no limit of its own. */
const usualAnswer = 4096;

/**
 * The prefill of a turn. Where the turn says so and its conversation is too long for the model, the fewest of its oldest
 * turns are left out that make it fit, by real counts: whole turns first, then, of the turn that is going on, whole
 * rounds of tool calls. What system, developer and the user of that last turn said always stays, and so does every call
 * whose output does.
 *
 * Each count renders the conversation, so a fitting cut is looked for by halves. Texts that were encoded once come out
 * of the prefill cache.
 */
export async function fittingPrefill(
  turn: Turn,
  model: Model,
  prefill: (turn: Turn) => Promise<Prefill>,
): Promise<Prefill> {
  const whole = await prefill(turn);
  if (turn.truncation !== 'auto') return whole;
  const room = model.contextWindow - roomForAnswer(turn, model);
  if (whole.tokens.length <= room) return whole;
  const cuts = cutsOf(turn.items);
  let fitting: Prefill | null = null;
  let best = whole;
  for (let low = 0, high = cuts.length - 1; low <= high;) {
    const middle = (low + high) >> 1;
    const shortened = await prefill({ ...turn, items: behind(turn.items, cuts[middle]!) });
    if (shortened.tokens.length < best.tokens.length) best = shortened;
    if (shortened.tokens.length <= room) {
      fitting = shortened;
      high = middle - 1;
    } else {
      low = middle + 1;
    }
  }
  // Where even the least that can stay leaves less room than wished for, it has what there is.
  return fitting ?? best;
}

function roomForAnswer(turn: Turn, model: Model): number {
  const wanted = turn.maxOutputTokens ?? model.maxOutputTokens ?? usualAnswer;
  return Math.min(wanted, Math.floor(model.contextWindow * answerShare));
}

/**
 * Places where a conversation may be cut, in order: before a user's message, and in the last turn behind a tool's output;
 * never between a call and its output.
 */
export function cutsOf(items: readonly TurnItem[]): number[] {
  const lastUser = items.findLastIndex(isOfUser);
  const lastOutput = new Map<string, number>();
  for (const [index, item] of items.entries()) if (item.type === 'tool-output') lastOutput.set(item.callId, index);
  const cuts: number[] = [];
  /** The furthest output of the calls so far. */
  let reach = -1;
  for (const [index, item] of items.entries()) {
    const isPlace = isOfUser(item) || (index > lastUser && items[index - 1]?.type === 'tool-output');
    if (index > 0 && isPlace && reach < index && item.type !== 'tool-output') cuts.push(index);
    if (item.type === 'tool-call') reach = Math.max(reach, lastOutput.get(item.callId) ?? -1);
  }
  return cuts;
}

/** What stays of a conversation that is cut there. */
function behind(items: readonly TurnItem[], cut: number): TurnItem[] {
  const lastUser = items.findLastIndex(isOfUser);
  return items.filter((item, index) => index >= cut || index === lastUser || isInstruction(item));
}

function isOfUser(item: TurnItem): boolean {
  return item.type === 'message' && item.role === 'user';
}

function isInstruction(item: TurnItem): boolean {
  return item.type === 'message' && (item.role === 'system' || item.role === 'developer');
}
