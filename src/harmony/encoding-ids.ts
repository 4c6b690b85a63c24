/** A growing list of token ids. */
export type IdList = {
  readonly length: number;
  push(id: number): void;
  /** Takes the last id off again. */
  pop(): number;
  /** All ids as one array. A step per block, so that millions of them needn't be copied in one go. */
  takeSteps(): Generator<void, Uint32Array<ArrayBuffer>>;
};

/** Ids per block: growing never copies more than this. */
const blockLength = 1 << 16;

/** `expected`: about how many ids will come. */
export function createIdList(expected: number): IdList {
  let block = new Uint32Array(Math.min(blockLength, Math.max(16, expected)));
  const full: Uint32Array<ArrayBuffer>[] = [];
  let used = 0;

  function grow(): void {
    if (block.length < blockLength) {
      const larger = new Uint32Array(Math.min(blockLength, block.length * 2));
      larger.set(block);
      block = larger;
    } else {
      full.push(block);
      block = new Uint32Array(blockLength);
      used = 0;
    }
  }

  return {
    get length() {
      return full.length * blockLength + used;
    },
    push(id) {
      if (used === block.length) grow();
      block[used++] = id;
    },
    pop() {
      if (used === 0) {
        block = full.pop()!;
        used = blockLength;
      }
      return block[--used]!;
    },
    *takeSteps() {
      if (full.length === 0) return block.slice(0, used);
      const all = new Uint32Array(full.length * blockLength + used);
      for (const [index, each] of full.entries()) {
        all.set(each, index * blockLength);
        yield;
      }
      all.set(block.subarray(0, used), full.length * blockLength);
      return all;
    },
  };
}
