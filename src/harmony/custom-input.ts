import { endJsonString, openJsonString, readJsonString } from './json-string-stream.ts';
import type { JsonStringStream } from './json-string-stream.ts';
import { countRepair } from './repairs.ts';
import type { Repaired } from './repairs.ts';

/**
 * A custom tool's free text. The model knows the tool as a function of one string, `input`: its value is unwrapped as
 * it comes. Content that does not begin like `{"input": "` is the input as it is written.
 */
export type CustomInput = {
  readonly type: 'custom';
  state: 'opening' | 'string' | 'raw';
  readonly string: JsonStringStream;
  held: string[];
  /** How much of the opening has come. */
  matched: number;
};

/** What a wrapped input begins with; blanks may stand at these places of it. */
const opening = '{"input":"';
const blanksAt: readonly number[] = [0, 1, 8, 9];

export function openCustom(): CustomInput {
  return { type: 'custom', state: 'opening', string: openJsonString(), held: [], matched: 0 };
}

export function pushCustom(input: CustomInput, piece: string): string {
  switch (input.state) {
    case 'opening':
      return pushOpening(input, piece);
    case 'string':
      return readJsonString(input.string, piece);
    case 'raw':
      return piece;
  }
}

export function endCustom({ state, string, held }: CustomInput, repaired: Repaired): string {
  if (state === 'opening') return held.join('');
  const text = endJsonString(string);
  if (string.loose) countRepair(repaired, 'loose-string');
  return text;
}

function pushOpening(input: CustomInput, piece: string): string {
  for (let at = 0; at < piece.length; at += 1) {
    const character = piece.charAt(at);
    if (character === opening[input.matched]) input.matched += 1;
    else if (!blanksAt.includes(input.matched) || !/\s/u.test(character)) {
      input.state = 'raw';
      const held = input.held.join('');
      input.held = [];
      return held + piece;
    }
    if (input.matched < opening.length) continue;
    input.state = 'string';
    return readJsonString(input.string, piece.slice(at + 1));
  }
  input.held.push(piece);
  return '';
}
