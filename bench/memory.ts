/** Bytes that are in use after a collection, on the heap and in buffers outside of it. Needs `--expose-gc`. */
export type Memory = { readonly heap: number; readonly outside: number };

export function measureMemory(): Memory {
  // What a collection frees can make more free.
  for (let round = 0; round < 3; round += 1) globalThis.gc!();
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  return { heap: heapUsed, outside: external + arrayBuffers };
}
