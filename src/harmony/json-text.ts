/** Deeper values are printed as `null`; the reference implementation refuses them altogether. */
const deepest = 128;

/**
 * JSON as the reference implementation prints it in comments: compact, keys in their order, and numbers as Rust's
 * serde_json writes them (`1e-6`, `1e20`). Integers print without a fraction: parsed JSON no longer says whether a
 * `1` was written `1.0`.
 */
export function jsonText(value: unknown): string {
  const pieces: string[] = [];
  addJson(pieces, value, 0);
  return pieces.join('');
}

/** Piece by piece: what is joined at every level is copied at each. */
function addJson(pieces: string[], value: unknown, depth: number): void {
  if (typeof value === 'number') pieces.push(numberText(value));
  else if (typeof value === 'string' || typeof value === 'boolean') pieces.push(JSON.stringify(value));
  else if (typeof value !== 'object' || value === null || depth >= deepest) pieces.push('null');
  else if (Array.isArray(value)) {
    pieces.push('[');
    for (const [index, item] of value.entries()) {
      if (index > 0) pieces.push(',');
      addJson(pieces, item, depth + 1);
    }
    pieces.push(']');
  } else {
    let separator = '{';
    for (const [key, member] of Object.entries(value)) {
      if (member === undefined) continue;
      pieces.push(separator, JSON.stringify(key), ':');
      addJson(pieces, member, depth + 1);
      separator = ',';
    }
    pieces.push(separator === '{' ? '{}' : '}');
  }
}

function numberText(value: number): string {
  if (!Number.isFinite(value)) return 'null';
  if (Object.is(value, -0)) return '-0.0';
  if (Number.isInteger(value) && value < 2 ** 64 && value >= -(2 ** 63)) return value.toString();
  const [mantissa = '', power = ''] = Math.abs(value).toExponential().split('e');
  const digits = mantissa.replace('.', '');
  const sign = value < 0 ? '-' : '';
  const point = Number(power) + 1;
  if (point > 0 && point <= 16) return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
  if (point > -5 && point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  return `${sign}${mantissa}e${point - 1}`;
}
