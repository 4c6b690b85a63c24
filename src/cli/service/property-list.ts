/** A value of a property list. */
export type PropertyValue =
  | string
  | number
  | boolean
  | readonly PropertyValue[]
  | { readonly [key: string]: PropertyValue };

/**
 * A property list as XML, after Apple's DTD PropertyList-1.0. Numbers are integers.
 *
 * @throws Error for a text with characters that XML can't hold.
 */
export function renderPropertyList(value: PropertyValue): string {
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">',
    '<plist version="1.0">',
    ...linesOf(value),
    '</plist>',
    '',
  ].join('\n');
}

function linesOf(value: PropertyValue): string[] {
  if (typeof value === 'string') return [`<string>${escapeText(value)}</string>`];
  if (typeof value === 'number') return [`<integer>${value}</integer>`];
  if (typeof value === 'boolean') return [value ? '<true/>' : '<false/>'];
  if (isArray(value)) return container('array', value.flatMap(linesOf));
  const entries = Object.entries(value);
  return container(
    'dict',
    entries.flatMap(([key, inner]) => [`<key>${escapeText(key)}</key>`, ...linesOf(inner)]),
  );
}

function container(name: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [`<${name}/>`] : [`<${name}>`, ...lines.map((line) => `  ${line}`), `</${name}>`];
}

const isArray = (value: object): value is readonly PropertyValue[] => Array.isArray(value);

const entities: { readonly [character: string]: string } = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  // A reader would turn it into a line feed.
  '\r': '&#13;',
};

/** What is not a Char in XML 1.0, section 2.2. */
const unspeakable = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;

function escapeText(text: string): string {
  if (unspeakable.test(text)) {
    throw new Error(`A property list can't hold the control character in ${JSON.stringify(text)}.`);
  }
  return text.replace(/[&<>\r]/g, (character) => entities[character]!);
}
