import type { Tool, ToolReference } from '../core/turn.ts';

/** The tools of a turn under the names that the model sees, and back. */
export type ToolNames = {
  /**
   * The recipient that stands for a tool in a rendering, as in `functions.get_weather`. Works for any reference, also
   * one of the history whose tool is gone; equal references give equal recipients, different tools different ones.
   * Its name is 1 to 64 of `A–Z a–z 0–9 _ -`, so it can't break a header.
   */
  recipientOf(reference: ToolReference): string;
  /**
   * The tool that a recipient written by the model means; null: none of this turn's. Lenient: the `functions.` prefix
   * may be missing or doubled, control tokens, quotes, blanks and what follows them are ignored, and the caller's own
   * name does when only one tool has it.
   */
  toolOf(recipient: string): Tool | null;
};

const prefix = 'functions.';
const longestName = 64;
/** Characters of a recipient that are looked at. A model that runs away can write thousands. */
const longestRecipient = 512;

/**
 * Flattens namespaces: the tool `search` of the namespace `docs` becomes `docs__search`. A name that stands alone is
 * kept where it is valid; characters that are not valid become `_`. Where two tools would get one name, or a name is
 * too long, a hash of the caller's own name is added. A tool's name therefore depends on the tools it collides with,
 * never on their order of appearance in other requests.
 */
export function createToolNames(tools: readonly Tool[]): ToolNames {
  return tools.length === 0 ? namesOfNone : namesOf(tools);
}

/** Nothing in it changes once it is made. */
const namesOfNone = namesOf([]);

function namesOf(tools: readonly Tool[]): ToolNames {
  const byName = new Map<string, Tool>();
  const nameByKey = new Map<string, string>();
  /** Made when a call of the history is known by neither; hardly ever. */
  let bySimilar: Map<string, string | null> | null = null;
  const claim = (tool: Tool, flat: string) => {
    const key = keyOf(tool);
    if (nameByKey.has(key)) return;
    const name = byName.has(flat) ? hashedName(tool, (taken) => byName.has(taken)) : flat;
    byName.set(name, tool);
    nameByKey.set(key, name);
  };
  const flattened = tools.map(flatName);
  // Names that need no change come first: a tool must not lose its own name to a flattened one.
  for (const [index, tool] of tools.entries()) if (flattened[index] === tool.name) claim(tool, tool.name);
  for (const [index, tool] of tools.entries()) claim(tool, flattened[index]!);

  return {
    recipientOf(reference) {
      const known = nameByKey.get(keyOf(reference));
      if (known !== undefined) return prefix + known;
      bySimilar ??= similarNames(tools, (tool) => nameByKey.get(keyOf(tool))!);
      const similar = bySimilar.get(similarKey(reference));
      if (similar !== undefined && similar !== null) return prefix + similar;
      const flat = flatName(reference);
      return prefix + (byName.has(flat) ? hashedName(reference, (taken) => byName.has(taken)) : flat);
    },
    toolOf(recipient) {
      let text = cleaned(recipient);
      while (true) {
        const tool = byName.get(text) ?? toolSpelled(tools, text);
        if (tool !== null) return tool;
        if (!text.startsWith(prefix)) return null;
        text = text.slice(prefix.length);
      }
    },
  };
}

/**
 * A client may replay a call with another type, or without its namespace: it means the tool that alone fits; null where
 * several do.
 */
function similarNames(tools: readonly Tool[], nameOf: (tool: Tool) => string): Map<string, string | null> {
  const names = new Map<string, string | null>();
  for (const tool of tools) {
    const name = nameOf(tool);
    for (const key of new Set([similarKey(tool), similarKey({ ...tool, namespace: null })])) {
      const other = names.get(key);
      names.set(key, other === undefined || other === name ? name : null);
    }
  }
  return names;
}

const joints = ['.', '/', ':', '__', ''];

/** The only tool that a caller might write so; null: none, or several. */
function toolSpelled(tools: readonly Tool[], text: string): Tool | null {
  let found: Tool | null = null;
  for (const tool of tools) {
    if (!text.endsWith(tool.name)) continue;
    const front = text.slice(0, text.length - tool.name.length);
    const namespace = namespaceOf(tool);
    const isMeant = front === '' || (namespace !== null && joints.some((joint) => front === namespace + joint));
    if (!isMeant || (found !== null && keyOf(found) === keyOf(tool))) continue;
    if (found !== null) return null;
    found = tool;
  }
  return found;
}

/** The first word of a recipient, without control tokens and the marks that models put around names. */
function cleaned(recipient: string): string {
  const [word = ''] = recipient
    .slice(0, longestRecipient)
    .replace(/<\|[^|]*\|>/gu, ' ')
    .trim()
    .split(/\s+/u);
  return word
    .replace(/^to=/u, '')
    .replace(/^[`'"([{]+/u, '')
    .replace(/[`'"()[\]{}.,:;]+$/u, '');
}

function flatName(reference: ToolReference): string {
  const name = spelled(reference);
  if (name === '') return 'unnamed';
  return name.length > longestName ? hashedName(reference, () => false) : valid(name);
}

/** A name cut short and a hash of the reference. `taken` names are passed over. */
function hashedName(reference: ToolReference, taken: (name: string) => boolean): string {
  const base = valid(spelled(reference).slice(0, longestName - 9));
  for (let attempt = 0; ; attempt += 1) {
    const name = `${base}_${hash(`${attempt}\0${keyOf(reference)}`)}`;
    if (!taken(name)) return name;
  }
}

function valid(name: string): string {
  return name.replace(/[^A-Za-z0-9_-]/gu, '_');
}

function spelled(reference: ToolReference): string {
  const namespace = namespaceOf(reference);
  if (namespace === null) return reference.name;
  return namespace.endsWith('__') ? namespace + reference.name : `${namespace}__${reference.name}`;
}

function namespaceOf(reference: ToolReference): string | null {
  return reference.namespace === '' ? null : reference.namespace;
}

function keyOf(reference: ToolReference): string {
  return `${reference.type} ${similarKey(reference)}`;
}

/** Tells references apart but for their type. The namespace's length says where it ends, whatever is in it. */
function similarKey(reference: ToolReference): string {
  const namespace = namespaceOf(reference);
  return namespace === null ? `:${reference.name}` : `${namespace.length}:${namespace}:${reference.name}`;
}

/** 32-bit FNV-1a over UTF-16 units, as eight hexadecimal digits. */
function hash(text: string): string {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  return (value >>> 0).toString(16).padStart(8, '0');
}
