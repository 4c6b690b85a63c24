import { randomLine, randomText, randomWord } from './random-text.ts';
import type { Random } from './random.ts';

/** A JSON Schema, mostly sensible, now and then with a keyword that holds nonsense. */
export function randomSchema(random: Random, depth: number): unknown {
  if (random.chance(0.03)) return randomJson(random, 1);
  const schema: Record<string, unknown> = {};
  const type = depth > 0 && random.chance(0.5) ? random.pick(['object', 'array']) : random.pick(scalarTypes);
  if (random.chance(0.9)) schema['type'] = random.chance(0.12) ? randomTypes(random) : type;
  if (random.chance(0.25)) schema['description'] = randomText(random);
  if (random.chance(0.08)) schema['title'] = randomLine(random);
  if (random.chance(0.15)) schema['enum'] = random.list(0, 3, () => randomScalar(random));
  if (random.chance(0.15)) schema['nullable'] = random.chance(0.8);
  if (random.chance(0.08)) schema['examples'] = random.list(0, 3, () => randomScalar(random));
  if (random.chance(0.2)) schema['default'] = randomJson(random, 2);
  if (depth > 0 && random.chance(0.12)) {
    schema[random.pick(['oneOf', 'oneOf', 'oneOf', 'anyOf', 'allOf'])] = random.list(0, 3, () =>
      randomSchema(random, depth - 1),
    );
  }
  if (type === 'object' && random.chance(0.95)) schema['properties'] = randomProperties(random, depth);
  if (type === 'object' && random.chance(0.6)) schema['required'] = random.list(0, 3, () => randomPropertyName(random));
  if (type === 'array' && random.chance(0.85)) schema['items'] = randomSchema(random, depth - 1);
  if (random.chance(0.05)) schema[random.pick(keywords)] = randomJson(random, 1);
  return random.chance(0.3) ? shuffled(random, schema) : schema;
}

const scalarTypes = [
  'string',
  'string',
  'string',
  'number',
  'integer',
  'boolean',
  'null',
  'object',
  'array',
  'file',
  '',
];
const keywords = [
  'type',
  'description',
  'title',
  'enum',
  'nullable',
  'examples',
  'default',
  'oneOf',
  'properties',
  'required',
  'items',
  '$ref',
  'const',
  'format',
];
const propertyNames = ['a', 'b', 'name', 'file_path', 'x-y', 'null', 'type', 'default', 'constructor', '城市', ''];

function randomPropertyName(random: Random): string {
  return random.chance(0.8) ? random.pick(propertyNames) : notAnIndex(randomWord(random));
}

/** JavaScript moves keys that look like array indices to the front, as soon as it parses them. */
function notAnIndex(name: string): string {
  return /^\d+$/u.test(name) ? `n${name}` : name;
}

function randomProperties(random: Random, depth: number): Record<string, unknown> {
  const count = random.below(4);
  const properties: Record<string, unknown> = {};
  for (let index = 0; index < count; index += 1) {
    properties[randomPropertyName(random)] = randomSchema(random, depth - 1);
  }
  return properties;
}

function randomTypes(random: Random): unknown[] {
  return random.list(0, 3, () => (random.chance(0.9) ? random.pick(scalarTypes) : randomScalar(random)));
}

function randomScalar(random: Random): unknown {
  return random.pick<() => unknown>([
    () => randomText(random),
    () => randomWord(random),
    () => randomNumber(random),
    () => random.chance(0.5),
    () => null,
  ])();
}

/** Numbers of few digits: the reference itself reads long decimal fractions a last bit off. */
function randomNumber(random: Random): number {
  const digits = random.below(100_000) - 20_000;
  return random.pick([
    digits,
    digits / 1000,
    Number(`${digits}e-9`),
    Number(`${digits}e${random.below(40) - 20}`),
    random.pick([0, 1, -1, 0.1, 2 ** 53 - 1, 1e19, 1e20, 1e21, 1e-6, 1e-7, 1e16, 1e17, 0.0001, 0.00001]),
  ]);
}

function randomJson(random: Random, depth: number): unknown {
  if (depth <= 0 || random.chance(0.6)) return randomScalar(random);
  if (random.chance(0.5)) return random.list(0, 3, () => randomJson(random, depth - 1));
  return Object.fromEntries(
    random.list(0, 3, () => [notAnIndex(randomWord(random)), randomJson(random, depth - 1)] as const),
  );
}

function shuffled(random: Random, schema: Record<string, unknown>): Record<string, unknown> {
  const entries = Object.entries(schema);
  for (let last = entries.length - 1; last > 0; last -= 1) {
    const other = random.below(last + 1);
    [entries[last], entries[other]] = [entries[other]!, entries[last]!];
  }
  return Object.fromEntries(entries);
}
