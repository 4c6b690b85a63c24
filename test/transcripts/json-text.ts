/** JSON as it is laid out in transcripts: in one line where it fits into 120 columns, else a member or element a line. */
export function layOut(value: unknown, indent = 0, taken = 0): string {
  const line = inOneLine(value);
  if (typeof value !== 'object' || value === null || indent + taken + line.length <= width) return line;
  const inner = indent + 2;
  const parts = Array.isArray(value)
    ? value.map((element) => layOut(element, inner, 1))
    : Object.entries(value).map(([key, member]) => {
        const name = `${JSON.stringify(key)}: `;
        return name + layOut(member, inner, name.length + 1);
      });
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  return `${open}\n${pack(parts, inner)}\n${' '.repeat(indent)}${close}`;
}

const width = 120;

/** Short parts share lines; one of several lines has them for itself. */
function pack(parts: readonly string[], indent: number): string {
  const margin = ' '.repeat(indent);
  let text = '';
  let line = '';
  for (const [index, part] of parts.entries()) {
    const separated = index < parts.length - 1 ? `${part},` : part;
    const isLong = part.includes('\n') || part.length > 40;
    if (line !== '' && (isLong || indent + line.length + 1 + separated.length > width)) {
      text += `${margin}${line}\n`;
      line = '';
    }
    line = line === '' ? separated : `${line} ${separated}`;
    if (isLong) {
      text += `${margin}${line}\n`;
      line = '';
    }
  }
  return (text + (line === '' ? '' : margin + line)).replace(/\n$/, '');
}

function inOneLine(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inOneLine).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (bareText in value) return value[bareText] as string;
  const members = Object.entries(value).map(([key, member]) => `${JSON.stringify(key)}: ${inOneLine(member)}`);
  return `{${members.join(', ')}}`;
}

const bareText = Symbol('bare text');

/** Text that stands in JSON as it is, for what JSON has no words for. */
export function bare(text: string): object {
  return { [bareText]: text };
}
