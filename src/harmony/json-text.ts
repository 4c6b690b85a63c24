/** Deeper values are printed as `null`; the reference implementation refuses them altogether. */
const deepest = 128;

/**
 * JSON as the reference implementation prints it in comments: compact, keys in their order, and numbers as Rust's
 * serde_json writes them (`1e-6`, `1e20`). Integers print without a fraction: parsed JSON no longer says whether a
 * `1` was written `1.0`.
 */
export function jsonText(value: unknown, depth = 0): string {
  if (typeof value === 'number') return numberText(value);
  if (typeof value === 'string' || typeof value === 'boolean') return JSON.stringify(value);
  if (typeof value !== 'object' || value === null || depth >= deepest) return 'null';
  if (Array.isArray(value)) return `[${value.map((item) => jsonText(item, depth + 1)).join(',')}]`;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${jsonText(member, depth + 1)}`).join(',')}}`;
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
