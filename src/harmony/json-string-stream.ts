/** The text of a JSON string whose raw characters arrive in pieces, behind its opening quote. */
export type JsonStringStream = {
  /** `complete`: the closing quote has come; what follows it is not read. `quote`: maybe it has. */
  state: 'text' | 'escape' | 'quote' | 'complete';
  /** Whether it had to be read leniently. */
  loose: boolean;
  /** The escape so far, at most six characters. */
  escape: string;
  /** The blanks behind a quote. */
  blanks: string[];
  /** The first half of a pair. */
  high: string;
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

export function openJsonString(): JsonStringStream {
  return { state: 'text', loose: false, escape: '', blanks: [], high: '' };
}

/**
 * The text that is certain by now. Reads JSON strings, and what models write instead of them: control characters that
 * are not escaped stand for themselves, `\'` is `'`, other unknown escapes keep their backslash (`\d` was meant for a
 * regular expression), and a quote that neither `}` nor `,` follows is part of the text. Half a surrogate pair waits for
 * its other half; one that stays alone becomes U+FFFD.
 */
export function readJsonString(string: JsonStringStream, piece: string): string {
  const texts = [string.high];
  string.high = '';
  for (let at = 0; at < piece.length; at += 1) texts.push(readCharacter(string, piece.charAt(at)));
  const text = texts.join('');
  const last = text.charCodeAt(text.length - 1);
  if ((last & 0xfc00) !== 0xd800) return wellFormed(text);
  string.high = text.slice(-1);
  return wellFormed(text.slice(0, -1));
}

/** What was held back, when no more will come. */
export function endJsonString(string: JsonStringStream): string {
  // A quote that is the last thing closes the string; an escape that is cut says nothing.
  string.state = string.state === 'quote' ? 'complete' : string.state;
  const text = wellFormed(string.high);
  string.high = '';
  return text;
}

function readCharacter(string: JsonStringStream, character: string): string {
  switch (string.state) {
    case 'text':
      return readText(string, character);
    case 'escape':
      return readEscape(string, character);
    case 'quote':
      return readBehindQuote(string, character);
    case 'complete':
      return '';
  }
}

function readText(string: JsonStringStream, character: string): string {
  if (character === '\\') {
    string.state = 'escape';
    string.escape = character;
    return '';
  }
  if (character === '"') {
    string.state = 'quote';
    string.blanks = [];
    return '';
  }
  if (character < ' ') string.loose = true;
  return character;
}

function readEscape(string: JsonStringStream, character: string): string {
  const { escape } = string;
  if (escape.length === 1 && character !== 'u') {
    string.state = 'text';
    const text = escapes.get(character);
    if (text !== undefined) return text;
    string.loose = true;
    return character === "'" ? character : escape + character;
  }
  if (escape.length > 1 && !/[0-9a-f]/iu.test(character)) {
    string.loose = true;
    string.state = 'text';
    return escape + readText(string, character);
  }
  string.escape += character;
  if (string.escape.length < 6) return '';
  string.state = 'text';
  return String.fromCharCode(Number.parseInt(string.escape.slice(2), 16));
}

function readBehindQuote(string: JsonStringStream, character: string): string {
  if (character === ' ' || character === '\t' || character === '\r' || character === '\n') {
    string.blanks.push(character);
    return '';
  }
  if (character === '}' || character === ',') {
    string.state = 'complete';
    return '';
  }
  string.loose = true;
  string.state = 'text';
  return `"${string.blanks.join('')}${readText(string, character)}`;
}

function wellFormed(text: string): string {
  return text.replace(/[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff]/g, (found) =>
    found.length === 2 ? found : '\ufffd',
  );
}
