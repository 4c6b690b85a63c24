/**
 * A strict reader of property lists in XML, as plutil -lint is: it takes what Apple's DTD allows and throws at anything
 * else. Integers, texts, truth values, arrays and dictionaries alone, which is all that an agent needs.
 */
export function readPropertyList(xml: string): unknown {
  const prologue =
    /^<\?xml version="1\.0" encoding="UTF-8"\?>\n<!DOCTYPE plist PUBLIC "-\/\/Apple\/\/DTD PLIST 1\.0\/\/EN" "http:\/\/www\.apple\.com\/DTDs\/PropertyList-1\.0\.dtd">\n/.exec(
      xml,
    );
  if (prologue === null) throw new Error('no prologue of a property list');
  let at = prologue[0].length;

  function skipSpace(): void {
    while (/\s/.test(xml[at] ?? 'x')) at++;
  }

  function take(tag: string): boolean {
    skipSpace();
    if (!xml.startsWith(tag, at)) return false;
    at += tag.length;
    return true;
  }

  function demand(tag: string): void {
    if (!take(tag)) throw new Error(`${tag} expected at ${JSON.stringify(xml.slice(at, at + 40))}`);
  }

  /** The text of an element of this name, whose beginning has been taken. */
  function text(name: string): string {
    const end = xml.indexOf(`</${name}>`, at);
    if (end < 0) throw new Error(`no </${name}>`);
    const raw = xml.slice(at, end);
    at = end + name.length + 3;
    return raw.replace(/[<>]|&([^;]*;)?/g, (found) => {
      const known = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&#13;': '\r' }[found];
      if (known === undefined) throw new Error(`${found} in a text`);
      return known;
    });
  }

  function value(): unknown {
    if (take('<true/>')) return true;
    if (take('<false/>')) return false;
    if (take('<array/>')) return [];
    if (take('<dict/>')) return {};
    if (take('<string>')) return text('string');
    if (take('<integer>')) return integer(text('integer'));
    if (take('<array>')) {
      const entries: unknown[] = [];
      while (!take('</array>')) entries.push(value());
      return entries;
    }
    demand('<dict>');
    const entries = new Map<string, unknown>();
    while (!take('</dict>')) {
      demand('<key>');
      const key = text('key');
      if (entries.has(key)) throw new Error(`a second ${key}`);
      entries.set(key, value());
    }
    return Object.fromEntries(entries);
  }

  demand('<plist version="1.0">');
  const result = value();
  demand('</plist>');
  skipSpace();
  if (at !== xml.length) throw new Error('something stands behind the property list');
  return result;
}

function integer(digits: string): number {
  if (!/^-?\d+$/.test(digits)) throw new Error(`${digits} is no integer`);
  return Number(digits);
}
