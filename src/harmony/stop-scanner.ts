/** Looks for stop texts in a text that arrives in pieces. How it is cut into pieces makes no difference. */
export type StopScanner = {
  readonly root: Prefix;
  /** What the text ends in, of the stop texts' beginnings. */
  state: Prefix;
  /** The stop text that was met. */
  stopped: string | null;
  /** The first half of a pair that would otherwise be the last thing shown. */
  half: string;
};

/** A beginning of stop texts: that many characters of `stop`. */
type Prefix = {
  readonly depth: number;
  readonly stop: string;
  readonly next: Map<number, Prefix>;
  /** The longest other beginning that this one ends in. */
  shorter: Prefix | null;
  /** The longest stop text that ends here. */
  match: string | null;
};

const loneSurrogate = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/**
 * Of several stop texts the one that is complete first counts, of those that are complete at once the longest: what an
 * engine that knew them would do. Empty ones never match, nor do ones with half a surrogate pair. It is an Aho–Corasick automaton over UTF-16 units: what is
 * held back is exactly the longest end of the text that begins a stop text, and half of a surrogate pair.
 */
export function openScanner(stops: readonly string[]): StopScanner {
  const root = stops.length === 0 ? nothing : automatonOf(stops);
  return { root, state: root, stopped: null, half: '' };
}

/**
 * Takes the next piece. `text` is what is safe to show by now: no part of a stop text, and nothing behind one.
 * `stopped` is the stop text that was met; after that nothing more is shown. Time grows in proportion to the piece.
 */
export function scan(scanner: StopScanner, piece: string): { readonly text: string; readonly stopped: string | null } {
  const { state: before, stopped: earlier } = scanner;
  if (earlier !== null) return { text: '', stopped: earlier };
  const length = follow(scanner, piece);
  const { state, stopped } = scanner;
  // What is held back is known from the state, so that it is never copied from piece to piece.
  const hidden = stopped === null ? state.depth : stopped.length;
  const shown = before.depth + length - hidden;
  let text = scanner.half + before.stop.slice(0, Math.min(before.depth, Math.max(0, shown)));
  if (shown > before.depth) text += piece.slice(0, shown - before.depth);
  scanner.half = '';
  if (stopped === null && isHighSurrogate(text.charCodeAt(text.length - 1))) {
    scanner.half = text.slice(-1);
    text = text.slice(0, -1);
  }
  return { text, stopped };
}

/** What was held back because a stop text could have begun there; empty after a match. */
export function endScan(scanner: StopScanner): string {
  const { root, state, stopped, half } = scanner;
  scanner.state = root;
  scanner.half = '';
  return stopped === null ? half + state.stop.slice(0, state.depth) : '';
}

/** Follows the piece up to its end or the end of the first stop text, and says how much of it that is. */
function follow(scanner: StopScanner, piece: string): number {
  let { state } = scanner;
  let at = 0;
  while (at < piece.length && state.match === null) {
    state = step(scanner.root, state, piece.charCodeAt(at));
    at += 1;
  }
  scanner.state = state;
  scanner.stopped = state.match;
  return at;
}

function step(root: Prefix, from: Prefix, unit: number): Prefix {
  for (let at: Prefix | null = from; at !== null; at = at.shorter) {
    const next = at.next.get(unit);
    if (next !== undefined) return next;
  }
  return root;
}

function automatonOf(stops: readonly string[]): Prefix {
  const root: Prefix = { depth: 0, stop: '', next: new Map(), shorter: null, match: null };
  for (const stop of stops) {
    if (stop === '' || loneSurrogate.test(stop)) continue;
    let at = root;
    for (let index = 0; index < stop.length; index += 1) {
      const unit = stop.charCodeAt(index);
      const next = at.next.get(unit) ?? { depth: index + 1, stop, next: new Map(), shorter: root, match: null };
      at.next.set(unit, next);
      at = next;
    }
    at.match = stop;
  }
  const queue = [root];
  for (const prefix of queue) {
    for (const [unit, next] of prefix.next) {
      if (prefix.shorter !== null) next.shorter = step(root, prefix.shorter, unit);
      next.match ??= next.shorter?.match ?? null;
      queue.push(next);
    }
  }
  return root;
}

/** What most requests ask to stop at; never changed once it is made. */
const nothing = automatonOf([]);

/** Whether a code unit is the first half of a pair. */
export function isHighSurrogate(unit: number): boolean {
  return (unit & 0xfc00) === 0xd800;
}
