import { isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import type { Document } from 'yaml';
import { suggestion } from './config-nearest.ts';
import { settingDefinitions } from './config-schema.ts';
import type { SettingKey } from './config-schema.ts';

/** A setting that a file gives, not checked yet. Sources are file and line, as in `gateway.yaml:3`. */
export type FileSetting = {
  readonly key: SettingKey;
  readonly value: unknown;
  readonly source: string;
  /** Where a part of the value stands; the path begins behind the setting's own. */
  readonly sourceOf: (path: readonly PropertyKey[]) => string;
};

export type FileSettings = {
  readonly settings: readonly FileSetting[];
  /** A sentence each, that begins with file and line. */
  readonly problems: readonly string[];
};

const keys: readonly string[] = settingDefinitions.map(({ key }) => key);
const topNames = [...new Set(keys.map((key) => key.split('.')[0]!))];
const leavesOf = (section: string) =>
  keys.filter((key) => key.startsWith(`${section}.`)).map((key) => key.slice(section.length + 1));

/** Reads the text of a configuration file; `name` is what messages call it. */
export function readSettings(name: string, text: string): FileSettings {
  const lines = new LineCounter();
  const at = (offset: number) => `${name}:${lines.linePos(offset).line}`;
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0) {
    return { settings: [], problems: document.errors.map((error) => `${at(error.pos[0])}: ${error.message}`) };
  }
  let content: unknown;
  try {
    content = document.toJS();
  } catch (error) {
    return { settings: [], problems: [`${name}: ${(error as Error).message}`] };
  }
  return settingsIn(content, (path) => at(offsetOf(document, path)));
}

function settingsIn(content: unknown, sourceOf: FileSetting['sourceOf']): FileSettings {
  const settings: FileSetting[] = [];
  const problems: string[] = [];
  // An empty file or section, all of it commented out, gives nothing.
  if (content === null || content === undefined) return { settings, problems };
  if (!isRecord(content)) return { settings, problems: [`${sourceOf([])}: Expected settings, such as 'server:'.`] };

  function take(path: readonly string[], value: unknown, siblings: readonly string[]): void {
    const key = path.join('.');
    if (keys.includes(key)) {
      const inside = (deeper: readonly PropertyKey[]) => sourceOf([...path, ...deeper]);
      settings.push({ key: key as SettingKey, value, source: sourceOf(path), sourceOf: inside });
    } else {
      problems.push(`${sourceOf(path)}: '${key}' is not a setting${suggestion(path.at(-1)!, siblings)}.`);
    }
  }

  for (const [name, value] of Object.entries(content)) {
    const leaves = leavesOf(name);
    if (leaves.length === 0) take([name], value, topNames);
    else if (isRecord(value)) for (const [leaf, inner] of Object.entries(value)) take([name, leaf], inner, leaves);
    else if (value !== null) problems.push(`${sourceOf([name])}: '${name}' holds settings, not a value.`);
  }
  return { settings, problems };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Where the end of the path stands, or the last thing on the way to it. */
function offsetOf(document: Document.Parsed, path: readonly PropertyKey[]): number {
  let node: unknown = document.contents;
  let offset = document.contents?.range[0] ?? 0;
  for (const step of path) {
    let found: unknown;
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
      found = pair?.key;
      node = pair?.value;
    } else {
      node = isNode(node) && 'items' in node ? (node.items as unknown[])[Number(step)] : undefined;
      found = node;
    }
    if (!isNode(found)) return offset;
    offset = found.range?.[0] ?? offset;
  }
  return offset;
}
