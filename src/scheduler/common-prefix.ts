/** How many leading ids two token sequences share. */
export function commonPrefix(one: Uint32Array, other: Uint32Array): number {
  const most = Math.min(one.length, other.length);
  let shared = 0;
  while (shared < most && one[shared] === other[shared]) shared++;
  return shared;
}
