import { isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import type { Document } from 'yaml';
import { suggestion } from './config-nearest.ts';
import { settingDefinitions } from './config-schema.ts';
import type { SettingKey } from './config-schema.ts';

/** A setting as it was given, before it is checked. */
export type GivenValue = {
  readonly value: unknown;
  /** Who gave it: `gateway.yaml:3`, `CODEXPC_GATEWAY_PORT`, `--port`. */
  readonly source: string;
  /** Directory against which a relative path in it is meant. */
  readonly directory: string;
  /** Where a part of it was given, when that can be told more exactly; the path begins behind the setting's own. */
  readonly sourceOf?: (path: readonly PropertyKey[]) => string;
};

export type FileSettings = {
  readonly values: ReadonlyMap<SettingKey, GivenValue>;
  /** Sentences that name file and line. */
  readonly problems: readonly string[];
};

/** Reads the text of a configuration file. `name` is what messages call it; `directory` is where it lies. */
export function readSettings(name: string, directory: string, text: string): FileSettings {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number) => `${name}:${lines.linePos(offset).line}`;
  if (document.errors.length > 0) {
    return { values: new Map(), problems: document.errors.map((error) => `${at(error.pos[0])}: ${error.message}`) };
  }
  const sourceOf = (path: readonly PropertyKey[]) => at(offsetOf(document, path));
  return collect(document, directory, sourceOf);
}

function collect(
  document: Document.Parsed,
  directory: string,
  sourceOf: (path: readonly PropertyKey[]) => string,
): FileSettings {
  const values = new Map<SettingKey, GivenValue>();
  const problems: string[] = [];
  const known = new Map<string, SettingKey>(settingDefinitions.map(({ key }) => [key, key]));
  const sections = new Set([...known.keys()].filter((key) => key.includes('.')).map((key) => key.split('.')[0]!));

  let content: unknown;
  try {
    content = document.toJS();
  } catch (error) {
    return { values, problems: [`${sourceOf([])}: ${(error as Error).message}`] };
  }
  if (content === null || content === undefined) return { values, problems };
  if (!isMap(document.contents)) return { values, problems: [`${sourceOf([])}: expected settings, as in 'server:'.`] };

  const take = (path: readonly string[], value: unknown, siblings: readonly string[]) => {
    const key = known.get(path.join('.'));
    if (key === undefined) {
      const meant = suggestion(path.at(-1)!, siblings);
      problems.push(`${sourceOf(path)}: '${path.join('.')}' is not a setting${meant === '' ? '.' : meant}`);
      return;
    }
    const inside = (deeper: readonly PropertyKey[]) => sourceOf([...path, ...deeper]);
    values.set(key, { value, source: sourceOf(path), directory, sourceOf: inside });
  };

  const names = [...new Set([...known.keys()].map((key) => key.split('.')[0]!))];
  for (const [name, value] of Object.entries(content)) {
    if (!sections.has(name)) {
      take([name], value, names);
    } else if (typeof value === 'object' && !Array.isArray(value) && value !== null) {
      const siblings = [...known.keys()].filter((key) => key.startsWith(`${name}.`)).map((key) => key.split('.')[1]!);
      for (const [leaf, inner] of Object.entries(value)) take([name, leaf], inner, siblings);
    } else if (value !== null) {
      // An empty section, all of it commented out, gives nothing.
      problems.push(`${sourceOf([name])}: '${name}' holds settings, not a value.`);
    }
  }
  return { values, problems };
}

/** Where the key at the end of the path stands; of the nearest thing around it when the path leads nowhere. */
function offsetOf(document: Document.Parsed, path: readonly PropertyKey[]): number {
  let offset = document.contents?.range[0] ?? 0;
  let node: unknown = document.contents;
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
      if (pair === undefined) return offset;
      offset = (isNode(pair.key) ? pair.key.range?.[0] : undefined) ?? offset;
      node = pair.value;
    } else {
      node = isNode(node) && 'items' in node ? (node.items as unknown[])[Number(step)] : undefined;
      if (!isNode(node)) return offset;
      offset = node.range?.[0] ?? offset;
    }
  }
  return offset;
}
