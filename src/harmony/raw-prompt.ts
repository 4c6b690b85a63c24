import { control } from './encoding.ts';

/** Ids behind which a header is open, or is to come. */
const outsideTexts: ReadonlySet<number> = new Set([
  control.start,
  control.channel,
  control.constrain,
  control.end,
  control.call,
  control.return,
]);

/**
 * Whether tokens end inside a text, so that what is sampled goes on with it; else a header is open or is to come.
 *
 * Tokens without any header are a text, and are gone on with as one.
 */
export function endsInText(ids: readonly number[]): boolean {
  const last = ids.findLast((id) => id === control.message || outsideTexts.has(id));
  return last === undefined || last === control.message;
}
