import { followObject, openExtent } from './json-extent.ts';
import type { JsonExtent } from './json-extent.ts';
import { countRepair } from './repairs.ts';
import type { Repaired } from './repairs.ts';

/**
 * A function's arguments, byte for byte.
 *
 * What begins with a brace streams as it comes, and what follows the object, blanks excepted, is dropped. What begins
 * with another bracket or a quote streams as it is. Anything else may be prose in front of an object: it is held back
 * to the end, and then dropped if the text behind its first brace is an object indeed; else it is the input. No
 * content at all is `{}`, which is what clients can parse.
 */
export type FunctionInput = {
  readonly type: 'function';
  state: 'blank' | 'object' | 'raw' | 'prose';
  readonly extent: JsonExtent;
  held: string[];
  /** Something has followed the object. */
  trailing: boolean;
};

export function openFunction(): FunctionInput {
  return { type: 'function', state: 'blank', extent: openExtent(), held: [], trailing: false };
}

export function pushFunction(input: FunctionInput, piece: string, repaired: Repaired): string {
  switch (input.state) {
    case 'object':
      return pushObject(input, piece, repaired);
    case 'raw':
      return piece;
    case 'prose':
      input.held.push(piece);
      return '';
    case 'blank': {
      const begin = piece.search(/\S/u);
      input.held.push(piece);
      if (begin === -1) return '';
      const first = piece.charAt(begin);
      input.state = first === '{' ? 'object' : first === '[' || first === '"' ? 'raw' : 'prose';
      if (input.state === 'prose') return '';
      if (input.state === 'raw') return takeHeld(input);
      const blanks = input.held.slice(0, -1).join('') + piece.slice(0, begin);
      input.held = [];
      return blanks + pushObject(input, piece.slice(begin), repaired);
    }
  }
}

export function endFunction(input: FunctionInput, repaired: Repaired): string {
  const text = takeHeld(input);
  if (input.state === 'blank') {
    countRepair(repaired, 'empty-arguments');
    return '{}';
  }
  const object = objectWithin(text);
  if (object === null) return text;
  countRepair(repaired, 'text-around-arguments');
  return object;
}

function pushObject(input: FunctionInput, piece: string, repaired: Repaired): string {
  const inside = followObject(input.extent, piece);
  if (input.trailing || inside === piece.length) return input.trailing ? '' : piece;
  const blanks = /^\s*/u.exec(piece.slice(inside))?.[0].length ?? 0;
  if (inside + blanks === piece.length) return piece;
  input.trailing = true;
  countRepair(repaired, 'text-around-arguments');
  return piece.slice(0, inside + blanks);
}

function takeHeld(input: FunctionInput): string {
  const text = input.held.join('');
  input.held = [];
  return text;
}

/** The object that begins at the first brace of a text; null: there is none, or none that parses. */
function objectWithin(text: string): string | null {
  const begin = text.indexOf('{');
  if (begin === -1) return null;
  const object = text.slice(begin, begin + followObject(openExtent(), text.slice(begin)));
  try {
    JSON.parse(object);
    return object;
  } catch {
    return null;
  }
}
