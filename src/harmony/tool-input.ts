import { createJsonExtent } from './json-extent.ts';
import { createJsonStringStream } from './json-string-stream.ts';
import type { JsonStringStream } from './json-string-stream.ts';
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

/**
 * A custom tool's free text. The model knows the tool as a function of one string, `input`: its value is unwrapped as
 * it comes. Content that does not begin like `{"input": "` is the input as it is written.
 */
export function createCustomInput(repair: Repair): ToolInput {
  let head = '';
  let string: JsonStringStream | null = null;
  let raw = false;

  return {
    push(piece) {
      if (raw) return piece;
      if (string !== null) return string.push(piece);
      head += piece;
      const opening = /^\s*\{\s*"input"\s*:\s*"/u.exec(head);
      if (opening !== null) {
        string = createJsonStringStream();
        return string.push(head.slice(opening[0].length));
      }
      if (mayOpen(head)) return '';
      raw = true;
      return head;
    },
    end() {
      if (string !== null) {
        const text = string.end();
        if (string.loose) repair('loose-string');
        return text;
      }
      return raw ? '' : head;
    },
    get complete() {
      return string?.complete ?? false;
    },
  };
}

/** Whether more text could make this the beginning of a wrapped input. */
function mayOpen(head: string): boolean {
  return '{"input":"'.startsWith(head.replace(/\s+/gu, '')) && !/"\S*\s+\S*(?:put|t)?"?$/u.test(head);
}
