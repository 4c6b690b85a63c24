import type { TurnEvent } from '../core/event.ts';
import type { MessageItem, ReasoningItem, TurnItem } from '../core/turn.ts';

/**
 * Remembers the thinking that led to each tool call, and what was said to the user meanwhile. Clients of Chat
 * Completions don't send thinking back and join preambles, and where content must be JSON a preamble reaches a client
 * as reasoning; but the model goes on from a tool's output with all of it in view, and the engine has it in its cache.
 */
export type Thoughts = {
  /** An ear for one turn; see `hear`. */
  listen(): Ear;
  /** The items, with what came before each remembered call as the model said it, where the client left out or joined. */
  restore(items: readonly TurnItem[]): readonly TurnItem[];
};

/** What one turn has said that may lead to a call. */
export type Ear = {
  /** null: nothing. */
  spoken: Spoken[] | null;
  /** Of the text that is open, or the last. */
  phase: Extract<TurnEvent, { type: 'text-start' }>['phase'];
  readonly remember: (callId: string, spoken: readonly Spoken[]) => void;
};

type Spoken = ReasoningItem | MessageItem;

/** What the dialects put between texts that they join. */
const separator = '\n\n';

/** @param limit most characters of thinking and preambles that are remembered; the oldest go first. */
export function createThoughts(limit: number): Thoughts {
  const byCall = new Map<string, readonly Spoken[]>();
  let size = 0;

  function remember(callId: string, spoken: readonly Spoken[]): void {
    byCall.set(callId, spoken);
    size += sizeOf(spoken);
    for (const [oldest, forgotten] of byCall) {
      if (size <= limit) break;
      byCall.delete(oldest);
      size -= sizeOf(forgotten);
    }
  }

  return {
    listen: () => ({ spoken: null, phase: 'final', remember }),
    restore(items) {
      if (!items.some((item) => item.type === 'tool-call' && byCall.has(item.callId))) return items;
      const restored: TurnItem[] = [];
      const done = new Set<string>();
      for (const item of items) {
        // Once each, or a short request that repeats a call would grow without bounds.
        const isNew = item.type === 'tool-call' && !done.has(item.callId);
        const spoken = isNew ? byCall.get(item.callId) : undefined;
        if (isNew) done.add(item.callId);
        if (spoken !== undefined) restored.push(...asSpoken(takeSpoken(restored), spoken));
        restored.push(item);
      }
      return restored;
    },
  };
}

/** Tells the ear what its turn says; it is to be told all. */
export function hear(ear: Ear, batch: readonly TurnEvent[]): void {
  for (const event of batch) {
    if (event.type === 'reasoning-end') note(ear, { type: 'reasoning', text: event.text });
    else if (event.type === 'text-start') ear.phase = event.phase;
    else if (event.type === 'text-end') {
      const { phase } = ear;
      // What came before an answer led to the answer, not to a call behind it.
      if (phase === 'commentary') note(ear, { type: 'message', role: 'assistant', text: event.text, phase });
      else ear.spoken = null;
    } else if (event.type === 'tool-call-start' && ear.spoken !== null) {
      ear.remember(event.callId, ear.spoken);
      ear.spoken = null;
    }
  }
}

function note(ear: Ear, spoken: Spoken): void {
  if (ear.spoken === null) ear.spoken = [spoken];
  else ear.spoken.push(spoken);
}

/** Takes the thinking and the preambles off the end of the items. */
function takeSpoken(items: TurnItem[]): Spoken[] {
  const isSpoken = (item: TurnItem): item is Spoken =>
    item.type === 'reasoning' || (item.type === 'message' && item.role === 'assistant' && item.phase !== 'final');
  let from = items.length;
  while (from > 0 && isSpoken(items[from - 1]!)) from -= 1;
  return items.splice(from).filter(isSpoken);
}

/** What the model said, unless the client says something else: then that, and the thinking only if it sent none. */
function asSpoken(sent: readonly Spoken[], spoken: readonly Spoken[]): readonly Spoken[] {
  const [thoughts, preambles] = [textOf(sent, 'reasoning'), textOf(sent, 'message')];
  const hasAll =
    preambles === textOf(spoken, 'message') && (thoughts === '' || thoughts === textOf(spoken, 'reasoning'));
  const hasNoPreambles = preambles === '' && (thoughts === '' || thoughts === textOf(spoken));
  if (hasAll || hasNoPreambles) return spoken;
  return thoughts === '' ? [...spoken.filter(({ type }) => type === 'reasoning'), ...sent] : sent;
}

/** The texts, or those of one type, joined as the dialects join them. */
function textOf(spoken: readonly Spoken[], type?: Spoken['type']): string {
  const texts = spoken.flatMap((each) => (type === undefined || each.type === type ? [each.text] : []));
  return texts.join(separator);
}

function sizeOf(spoken: readonly Spoken[]): number {
  return spoken.reduce((size, { text }) => size + text.length, 0);
}
