/** Longest text that is tried, and how often things that may repeat do at most. */
const longest = 4096;
const mostRepeats = 64;

/**
 * A text that a regular expression accepts, found by following the expression: classes, groups, alternatives,
 * repetitions and anchors are understood. Undefined: none was found.
 */
export function samplePattern(
  pattern: string,
  { least, most, index }: { readonly least: number; readonly most: number; readonly index: number },
): string | undefined {
  const check = compile(pattern);
  if (check === null) return undefined;
  let skip = index;
  const tried = new Set<string>();
  for (let repeats = 0; repeats <= mostRepeats; repeats++) {
    for (let choice = 0; choice < 3; choice++) {
      const text = follow(pattern, repeats, choice + index);
      if (text === null || tried.has(text)) continue;
      tried.add(text);
      // An expression without anchors accepts more behind it.
      for (const candidate of [text, text.padEnd(least, 'a')]) {
        if (candidate.length < least || candidate.length > most || !check.test(candidate)) continue;
        if (skip === 0) return candidate;
        skip -= 1;
        break;
      }
    }
  }
  return undefined;
}

/** Null: it is no regular expression. */
export function compile(pattern: string): RegExp | null {
  try {
    return new RegExp(pattern, 'u');
  } catch {
    return null;
  }
}

/** Writes what the expression says, repeating what may be repeated so often beyond the least. Null: not understood. */
function follow(pattern: string, repeats: number, choice: number): string | null {
  let at = 0;

  function alternatives(): string | null {
    const all: string[] = [];
    for (;;) {
      const next = sequence();
      if (next === null) return null;
      all.push(next);
      if (pattern[at] !== '|') break;
      at += 1;
    }
    return all[choice % all.length]!;
  }

  function sequence(): string | null {
    let text = '';
    while (at < pattern.length && pattern[at] !== '|' && pattern[at] !== ')') {
      const atom = next();
      if (atom === null) return null;
      const times = quantifier();
      if (times === null || atom.length * times > longest) return null;
      text += atom.repeat(times);
    }
    return text;
  }

  function next(): string | null {
    const character = pattern[at++]!;
    switch (character) {
      case '^':
      case '$':
        return '';
      case '.':
        return 'a';
      case '(': {
        const opening = /\?(?::|<[A-Za-z]\w*>)|\?/uy;
        opening.lastIndex = at;
        const kind = opening.exec(pattern)?.[0];
        if (kind === '?') return null;
        at += kind?.length ?? 0;
        const inside = alternatives();
        if (pattern[at++] !== ')') return null;
        return inside;
      }
      case '[':
        return characterClass();
      case '\\':
        return escape(pattern[at++] ?? '');
      default:
        return character;
    }
  }

  function characterClass(): string | null {
    const end = /\](?<!\\\])/u.exec(pattern.slice(at + 1));
    if (end === null) return null;
    const whole = pattern.slice(at - 1, at + end.index + 2);
    at += end.index + 2;
    const matches = new RegExp(whole, 'u');
    const fitting = [...candidates].filter((each) => matches.test(each));
    return fitting.length === 0 ? null : fitting[choice % fitting.length]!;
  }

  function escape(letter: string): string | null {
    switch (letter) {
      case 'b':
      case 'B':
        return '';
      case 'd':
      case 'w':
      case 's':
      case 'D':
      case 'W':
      case 'S': {
        const matches = new RegExp(`\\${letter}`, 'u');
        return [...candidates].find((each) => matches.test(each)) ?? null;
      }
      case 'n':
        return '\n';
      case 't':
        return '\t';
      case 'r':
        return '\r';
      default:
        return /[A-Za-z0-9]/u.test(letter) || letter === '' ? null : letter;
    }
  }

  /** How often the atom before is written. */
  function quantifier(): number | null {
    const form = /(?:([*+?])|\{(\d+)(,(\d*))?\})\??/uy;
    form.lastIndex = at;
    const match = form.exec(pattern);
    if (match === null) return 1;
    at = form.lastIndex;
    const [, sign, from, open, to] = match;
    if (sign === '?') return Math.min(1, repeats);
    if (sign !== undefined) return (sign === '+' ? 1 : 0) + repeats;
    const least = Number(from);
    if (open === undefined) return least;
    return Math.min(least + repeats, to === '' || to === undefined ? Infinity : Number(to));
  }

  const text = alternatives();
  return at === pattern.length ? text : null;
}

/** What a class of characters is tried with. */
const candidates =
  'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 _-.,:;/\\+*@#%&=?!~^$|()[]{}<>"\'`\t\n\u00e9\u4e2d';
