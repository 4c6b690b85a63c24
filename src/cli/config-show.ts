import { stringify } from 'yaml';
import type { EffectiveSetting } from '../config.ts';
import type { WrittenKey } from '../config-keys.ts';

/** Stands for a secret. No key itself, so that nobody serves with the output as it is. */
export const hidden = 'not shown';

/** The same as JSON, for programs: a list in the order of the file. */
export function configJson(settings: readonly EffectiveSetting[]): string {
  return JSON.stringify(
    settings.map(({ definition, value, source }) => ({
      setting: definition.key,
      value: shownValue(definition, value),
      source,
    })),
  );
}

function shownValue({ secret }: EffectiveSetting['definition'], value: unknown): unknown {
  if (!secret) return value;
  return (value as WrittenKey[]).map((entry) => (typeof entry === 'string' ? hidden : { ...entry, key: hidden }));
}

/** The settings in force as a configuration file, each with where it comes from. Secrets are counted but not shown. */
export function configText(settings: readonly EffectiveSetting[]): string {
  const lines: { text: string; comment: string }[] = [];
  let section = '';
  for (const { definition, value, source } of settings) {
    const [name, leaf] = definition.key.split('.') as [string, string | undefined];
    if (leaf !== undefined && name !== section) lines.push({ text: `${name}:`, comment: '' });
    section = name;
    const shown = shownValue(definition, value);
    const [first, ...more] = entryLines(leaf ?? name, shown);
    const indent = leaf === undefined ? '' : '  ';
    lines.push(
      { text: indent + first!, comment: source },
      ...more.map((text) => ({ text: indent + text, comment: '' })),
    );
  }
  const column = Math.min(48, Math.max(...lines.map(({ text }) => text.length)));
  return lines.map(({ text, comment }) => (comment === '' ? text : `${text.padEnd(column)}  # ${comment}`)).join('\n');
}

/** A key and its value in YAML, without line breaks inside texts. */
function entryLines(name: string, value: unknown): string[] {
  const flow = Array.isArray(value) && value.every((entry) => typeof entry !== 'object');
  const text = flow ? `${name}: ${JSON.stringify(value)}` : stringify({ [name]: value }, { lineWidth: 0 });
  return text.trimEnd().split('\n');
}
