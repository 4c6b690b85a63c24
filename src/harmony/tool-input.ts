import { createJsonExtent } from './json-extent.ts';
import { createJsonStringStream } from './json-string-stream.ts';
import type { RepairName } from './repairs.ts';

/** Turns the content of a call, which arrives in pieces, into the input that the client gets. */
export type ToolInput = {
  /** What of the input is certain by now. */
  push(piece: string): string;
  /** The rest of the input, when the content is over. */
  end(): string;
  /** Whether the input is whole, so that a stream that was cut here lost nothing. */
  readonly complete: boolean;
};

type Repair = (name: RepairName) => void;

/** The input as it is written. */
export function createRawInput(): ToolInput {
  return { push: (piece) => piece, end: () => '', complete: false };
}

/**
 * A function's arguments, byte for byte.
 *
 * What begins with a brace streams as it comes, and what follows the object, blanks excepted, is dropped. What begins
 * with another bracket or a quote streams as it is. Anything else may be prose in front of an object: it is held back
 * to the end, and then dropped if the text behind its first brace is an object indeed; else it is the input. No
 * content at all is `{}`, which is what clients can parse.
 */
export function createFunctionInput(repair: Repair): ToolInput {
  const extent = createJsonExtent();
  let state: 'blank' | 'object' | 'raw' | 'prose' = 'blank';
  let held: string[] = [];
  let trailing = false;

  function pushObject(piece: string): string {
    const inside = extent.push(piece);
    if (trailing || inside === piece.length) return trailing ? '' : piece;
    const blanks = /^\s*/u.exec(piece.slice(inside))?.[0].length ?? 0;
    if (inside + blanks === piece.length) return piece;
    trailing = true;
    repair('text-around-arguments');
    return piece.slice(0, inside + blanks);
  }

  function takeHeld(): string {
    const text = held.join('');
    held = [];
    return text;
  }

  function push(piece: string): string {
    switch (state) {
      case 'object':
        return pushObject(piece);
      case 'raw':
        return piece;
      case 'prose':
        held.push(piece);
        return '';
      case 'blank': {
        const begin = piece.search(/\S/u);
        held.push(piece);
        if (begin === -1) return '';
        const first = piece.charAt(begin);
        state = first === '{' ? 'object' : first === '[' || first === '"' ? 'raw' : 'prose';
        if (state === 'prose') return '';
        if (state === 'raw') return takeHeld();
        const blanks = held.slice(0, -1).join('') + piece.slice(0, begin);
        held = [];
        return blanks + pushObject(piece.slice(begin));
      }
    }
  }

  return {
    push,
    end() {
      const text = takeHeld();
      if (state === 'blank') {
        repair('empty-arguments');
        return '{}';
      }
      const object = objectWithin(text);
      if (object === null) return text;
      repair('text-around-arguments');
      return object;
    },
    get complete() {
      return extent.complete;
    },
  };
}

/** The object that begins at the first brace of a text; null: there is none, or none that parses. */
function objectWithin(text: string): string | null {
  const begin = text.indexOf('{');
  if (begin === -1) return null;
  const extent = createJsonExtent();
  const object = text.slice(begin, begin + extent.push(text.slice(begin)));
  try {
    JSON.parse(object);
    return object;
  } catch {
    return null;
  }
}

/** What a wrapped input begins with; blanks may stand at these places of it. */
const opening = '{"input":"';
const blanksAt: readonly number[] = [0, 1, 8, 9];

/**
 * A custom tool's free text. The model knows the tool as a function of one string, `input`: its value is unwrapped as
 * it comes. Content that does not begin like `{"input": "` is the input as it is written.
 */
export function createCustomInput(repair: Repair): ToolInput {
  const string = createJsonStringStream();
  let state: 'opening' | 'string' | 'raw' = 'opening';
  let held: string[] = [];
  let matched = 0;

  function pushOpening(piece: string): string {
    for (let at = 0; at < piece.length; at += 1) {
      const character = piece.charAt(at);
      if (character === opening[matched]) matched += 1;
      else if (!blanksAt.includes(matched) || !/\s/u.test(character)) {
        state = 'raw';
        return held.join('') + piece;
      }
      if (matched < opening.length) continue;
      state = 'string';
      return string.push(piece.slice(at + 1));
    }
    held.push(piece);
    return '';
  }

  return {
    push(piece) {
      switch (state) {
        case 'opening':
          return pushOpening(piece);
        case 'string':
          return string.push(piece);
        case 'raw':
          return piece;
      }
    },
    end() {
      if (state === 'opening') return held.join('');
      const text = string.end();
      if (string.loose) repair('loose-string');
      return text;
    },
    get complete() {
      return string.complete;
    },
  };
}
