/** Nanoseconds of a clock that all processes of this machine share. */
export const now = (): number => Number(process.hrtime.bigint());

/** A text that says when it was made, and goes through every JSON as it is. */
export const stamp = (): string => `@${now()}@`;

const pattern = /@(\d+)@/g;

/** Milliseconds that have passed since each stamp in the text. */
export function ages(text: string): number[] {
  const at = now();
  return Array.from(text.matchAll(pattern), (match) => (at - Number(match[1])) / 1e6);
}
