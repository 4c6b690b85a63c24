import type { DeveloperContent, SystemContent, ToolDescription, ToolNamespace } from './message.ts';
import { schemaText } from './tool-schema.ts';

/**
 * Text of the system message. `functionTools`: whether the conversation declares functions, which adds the line that
 * sends their calls to the commentary channel.
 */
export function systemText(system: SystemContent, functionTools: boolean): string {
  const top: string[] = [];
  if (system.modelIdentity !== null) top.push(system.modelIdentity);
  if (system.knowledgeCutoff !== null) top.push(`Knowledge cutoff: ${system.knowledgeCutoff}`);
  if (system.conversationStartDate !== null) top.push(`Current date: ${system.conversationStartDate}`);
  const sections: string[] = [];
  if (top.length > 0) sections.push(top.join('\n'));
  if (system.reasoningEffort !== null) sections.push(`Reasoning: ${system.reasoningEffort}`);
  if (system.tools.length > 0) sections.push(toolsText(system.tools));
  if (system.channels !== null && system.channels.valid.length > 0) {
    let line = `# Valid channels: ${system.channels.valid.join(', ')}.`;
    if (system.channels.required) line += ' Channel must be included for every message.';
    if (functionTools) line += "\nCalls to these tools must go to the commentary channel: 'functions'.";
    sections.push(line);
  }
  return sections.join('\n\n');
}

/** Text of a developer message: `# Instructions`, then `# Tools`. */
export function developerText(developer: DeveloperContent): string {
  const sections: string[] = [];
  if (developer.instructions !== null) sections.push('# Instructions', developer.instructions);
  if (developer.tools.length > 0) sections.push(toolsText(developer.tools));
  return sections.join('\n\n');
}

/** Namespaces by name, in the reference's order: that of the names' UTF-8 bytes. */
export function sortedNamespaces(namespaces: readonly ToolNamespace[]): readonly ToolNamespace[] {
  const byName = new Map(namespaces.map((namespace) => [namespace.name, namespace]));
  return [...byName.values()].sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
}

function toolsText(namespaces: readonly ToolNamespace[]): string {
  return ['# Tools', ...sortedNamespaces(namespaces).map(namespaceText)].join('\n\n');
}

function namespaceText(namespace: ToolNamespace): string {
  const title = `## ${namespace.name}\n`;
  // A namespace without functions, such as the reference's python tool, is prose and not a comment.
  if (namespace.tools.length === 0) {
    return [title, endedLines(namespace.description ?? '')].filter((part) => part !== null).join('\n');
  }
  return [
    title,
    ...comments(namespace.description ?? ''),
    `namespace ${namespace.name} {\n`,
    ...namespace.tools.flatMap((tool) => [...comments(tool.description), `${signature(tool)}\n`]),
    `} // namespace ${namespace.name}`,
  ].join('\n');
}

function signature(tool: ToolDescription): string {
  return tool.parameters === null
    ? `type ${tool.name} = () => any;`
    : `type ${tool.name} = (_: ${schemaText(tool.parameters)}) => any;`;
}

/** A text as one comment, every line behind `// `; an empty text is none. */
export function comments(text: string): string[] {
  const lines = endedLines(text);
  // Of what splits and joins there may be millions.
  return lines === null ? [] : [`// ${lines.replace(/\n/g, '\n// ')}`];
}

/** Lines that end in `\n` or `\r\n`; an empty last one is none. A lone `\r` is part of its line. null: no lines. */
function endedLines(text: string): string | null {
  if (text === '') return null;
  const lines = text.replace(/\r\n/g, '\n');
  return lines.endsWith('\n') ? lines.slice(0, -1) : lines;
}
