/** The text of a JSON string whose raw characters arrive in pieces, behind its opening quote. */
export type JsonStringStream = {
  /** The text that is certain by now. */
  push(piece: string): string;
  /** What was held back, when no more will come. */
  end(): string;
  /** Whether the closing quote has come; what follows it is not read. */
  readonly complete: boolean;
  /** Whether it had to be read leniently. */
  readonly loose: boolean;
};

const escapes: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);

/**
 * Reads JSON strings, and what models write instead of them: control characters that are not escaped stand for
 * themselves, `\'` is `'`, other unknown escapes keep their backslash (`\d` was meant for a regular expression), and a
 * quote that neither `}` nor `,` follows is part of the text. Half a surrogate pair waits for its other half; one that
 * stays alone becomes U+FFFD.
 */
export function createJsonStringStream(): JsonStringStream {
  let loose = false;
  let state: 'text' | 'escape' | 'quote' | 'complete' = 'text';
  /** The escape so far, at most six characters. */
  let escape = '';
  /** The blanks behind a quote. */
  let blanks: string[] = [];
  /** The first half of a pair. */
  let high = '';

  function readCharacter(character: string): string {
    switch (state) {
      case 'text':
        return readText(character);
      case 'escape':
        return readEscape(character);
      case 'quote':
        return readBehindQuote(character);
      case 'complete':
        return '';
    }
  }

  function readText(character: string): string {
    if (character === '\\') {
      state = 'escape';
      escape = character;
      return '';
    }
    if (character === '"') {
      state = 'quote';
      blanks = [];
      return '';
    }
    if (character < ' ') loose = true;
    return character;
  }

  function readEscape(character: string): string {
    if (escape.length === 1 && character !== 'u') {
      state = 'text';
      const text = escapes.get(character);
      if (text !== undefined) return text;
      loose = true;
      return character === "'" ? character : escape + character;
    }
    if (escape.length > 1 && !/[0-9a-f]/iu.test(character)) {
      loose = true;
      state = 'text';
      return escape + readText(character);
    }
    escape += character;
    if (escape.length < 6) return '';
    state = 'text';
    return String.fromCharCode(Number.parseInt(escape.slice(2), 16));
  }

  function readBehindQuote(character: string): string {
    if (character === ' ' || character === '\t' || character === '\r' || character === '\n') {
      blanks.push(character);
      return '';
    }
    if (character === '}' || character === ',') {
      state = 'complete';
      return '';
    }
    loose = true;
    state = 'text';
    return `"${blanks.join('')}${readText(character)}`;
  }

  return {
    push(piece) {
      const texts = [high];
      high = '';
      for (let at = 0; at < piece.length; at += 1) texts.push(readCharacter(piece.charAt(at)));
      const text = texts.join('');
      const last = text.charCodeAt(text.length - 1);
      if ((last & 0xfc00) !== 0xd800) return wellFormed(text);
      high = text.slice(-1);
      return wellFormed(text.slice(0, -1));
    },
    end() {
      // A quote that is the last thing closes the string; an escape that is cut says nothing.
      state = state === 'quote' ? 'complete' : state;
      const text = wellFormed(high);
      high = '';
      return text;
    },
    get complete() {
      return state === 'complete';
    },
    get loose() {
      return loose;
    },
  };
}

function wellFormed(text: string): string {
  return text.replace(/[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff]/g, (found) =>
    found.length === 2 ? found : '\ufffd',
  );
}
