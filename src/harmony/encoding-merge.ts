import { noRank } from './encoding-vocabulary.ts';
import type { Vocabulary } from './encoding-vocabulary.ts';

/** Merges runs of bytes into tokens. */
export type Merger = {
  /** Merges the bytes from 0 up to `length` and says how many tokens they came to. */
  merge(bytes: Uint8Array, length: number): number;
  /** Ids of the tokens of the last merge. */
  readonly ids: Int32Array;
  /** Where each token of the last merge begins, and behind the last where the bytes end. */
  readonly starts: Int32Array;
};

/** Bytes that one merge can take: a window and what may be taken back before it, with room to spare. */
const smallest = 1 << 10;

/**
 * Byte-pair merging: of all neighbours that make a token together, those of the lowest rank become one, the leftmost
 * first, until none do.
 *
 * The ranks of all pairs are the leaves of a tree of minima, so that finding the lowest, and noting a new rank, take
 * steps by the logarithm of the length. A part is known by where it begins.
 */
export function createMerger(vocabulary: Vocabulary): Merger {
  let ids = new Int32Array(smallest);
  let starts = new Int32Array(smallest + 1);
  let following = new Int32Array(smallest + 1);
  let previous = new Int32Array(smallest + 1);
  /** Leaf `leaves + at` is the rank of the part at `at` joined with the next; node n is the lower of 2n and 2n + 1. */
  let lowest = new Int32Array(2 * smallest);

  function grow(length: number): void {
    let room = ids.length;
    while (room < length) room *= 2;
    ids = new Int32Array(room);
    starts = new Int32Array(room + 1);
    following = new Int32Array(room + 1);
    previous = new Int32Array(room + 1);
    lowest = new Int32Array(2 * room);
  }

  function merge(bytes: Uint8Array, length: number): number {
    if (length > ids.length) grow(length);
    // The compiler keeps locals in registers, but reads what closures share anew each time.
    const [part, next, before, tree] = [ids, following, previous, lowest];
    let leaves = 2;
    while (leaves < length) leaves *= 2;

    for (let at = 0; at < length; at++) {
      part[at] = vocabulary.byteId(bytes[at]!);
      next[at] = at + 1;
      before[at] = at - 1;
      tree[leaves + at] = at + 1 < length ? vocabulary.pairRank(bytes[at]!, bytes[at + 1]!) : noRank;
    }
    for (let at = length; at < leaves; at++) tree[leaves + at] = noRank;
    for (let node = leaves - 1; node > 0; node--) {
      const left = tree[2 * node]!;
      const right = tree[2 * node + 1]!;
      tree[node] = left < right ? left : right;
    }

    for (let rank = tree[1]!; rank !== noRank; rank = tree[1]!) {
      let node = 1;
      while (node < leaves) {
        node *= 2;
        if (tree[node] !== rank) node++;
      }
      const left = node - leaves;
      const right = next[left]!;
      const end = next[right]!;
      part[left] = rank;
      next[left] = end;
      before[end] = left;
      update(tree, leaves + right, noRank);
      update(tree, node, end < length ? vocabulary.rank(bytes, left, next[end]!) : noRank);
      if (left > 0) {
        const earlier = before[left]!;
        update(tree, leaves + earlier, vocabulary.rank(bytes, earlier, end));
      }
    }

    let count = 0;
    for (let at = 0; at < length; at = next[at]!) {
      starts[count] = at;
      part[count] = part[at]!;
      count++;
    }
    starts[count] = length;
    return count;
  }

  return {
    merge,
    get ids() {
      return ids;
    },
    get starts() {
      return starts;
    },
  };
}

function update(tree: Int32Array, leaf: number, rank: number): void {
  tree[leaf] = rank;
  for (let node = leaf >> 1; node > 0; node >>= 1) {
    const left = tree[2 * node]!;
    const right = tree[2 * node + 1]!;
    const lower = left < right ? left : right;
    if (tree[node] === lower) return;
    tree[node] = lower;
  }
}
