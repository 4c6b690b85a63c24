/**
 * A growing list of token ids, in blocks: growing never copies more than one.
 *
 * A record and functions over it, not an object with methods: each list's methods would be closures of their own, which
 * the compiler can't inline, and adding an id is done hundreds of thousands of times for a long prompt.
 */
export type IdList = {
  /** Blocks that are full, all of `blockLength`. */
  readonly full: Uint32Array<ArrayBuffer>[];
  block: Uint32Array<ArrayBuffer>;
  /** How much of `block` is in use. */
  used: number;
};

const blockLength = 1 << 16;

/** `expected`: about how many ids will come. */
export function createIdList(expected: number): IdList {
  return { full: [], block: new Uint32Array(Math.min(blockLength, Math.max(16, expected))), used: 0 };
}

export function idCount(list: IdList): number {
  return list.full.length * blockLength + list.used;
}

export function pushId(list: IdList, id: number): void {
  if (list.used === list.block.length) grow(list);
  list.block[list.used++] = id;
}

/** Takes the last id off again. The list must not be empty. */
export function popId(list: IdList): number {
  if (list.used === 0) {
    list.block = list.full.pop()!;
    list.used = blockLength;
  }
  return list.block[--list.used]!;
}

/** All ids as one array. A step per block, so that millions of them needn't be copied in one go. */
export function* collectIds({ full, block, used }: IdList): Generator<void, Uint32Array<ArrayBuffer>> {
  if (full.length === 0) return block.slice(0, used);
  const all = new Uint32Array(full.length * blockLength + used);
  for (const [index, each] of full.entries()) {
    all.set(each, index * blockLength);
    yield;
  }
  all.set(block.subarray(0, used), full.length * blockLength);
  return all;
}

function grow(list: IdList): void {
  if (list.block.length === blockLength) {
    list.full.push(list.block);
    list.block = new Uint32Array(blockLength);
    list.used = 0;
  } else {
    const larger = new Uint32Array(Math.min(blockLength, list.block.length * 2));
    larger.set(list.block);
    list.block = larger;
  }
}
