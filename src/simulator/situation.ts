import type { JsonSchema } from '../core/turn.ts';
import type { ReadConversation, ReadMessage } from './conversation.ts';
import { isToolRecipient } from '../harmony/decoder-header.ts';
import { parseJson } from './declared-tools.ts';
import { daemonInstructions } from './prompt.ts';
import { readTools } from './tool-text.ts';
import type { ToolSignature } from './tool-text.ts';

/** What a model can know from its context when it is about to speak. */
export type Situation = {
  /** The last message of role user; the environment that agents describe in an earlier one is not it. */
  readonly userText: string | null;
  readonly instructions: string | null;
  readonly effort: 'low' | 'medium' | 'high';
  readonly tools: readonly ToolSignature[];
  readonly format: ResponseFormat | null;
  /** Tool calls since the last user message. */
  readonly calls: number;
  /** What a tool just answered. */
  readonly result: { readonly tool: string; readonly text: string } | null;
  readonly choice: CallChoice;
};

type ResponseFormat = { readonly type: 'object' } | { readonly type: 'schema'; readonly schema: JsonSchema };

/** What the prompt says of calling a tool now. An empty list of `allowed` means all. */
type CallChoice =
  | { readonly type: 'free'; readonly allowed: readonly string[] }
  | { readonly type: 'required'; readonly allowed: readonly string[] }
  | { readonly type: 'forbidden' };

export function readSituation({ messages }: ReadConversation): Situation {
  const lastUser = messages.findLastIndex((message) => message.role === 'user');
  const since = messages.slice(lastUser + 1);
  const told = messages.filter(
    ({ role, text }) =>
      (role === 'system' || role === 'developer') && text !== `# Instructions\n\n${daemonInstructions}`,
  );
  const spoken = messages.findLast((message) => message.role === 'assistant' || message.role === 'tool');
  const tools = new Map(told.flatMap(({ text }) => readTools(text)).map((tool) => [tool.recipient, tool]));
  return {
    userText: messages[lastUser]?.text ?? null,
    instructions: firstMatch(told, /^# Instructions\n\n(.+?)(?=\n\n# |$(?![^]))/msu),
    effort: effortOf(firstMatch(told, /^Reasoning: (\w+)$/mu)),
    tools: [...tools.values()],
    format: formatOf(told),
    calls: since.filter(isCall).length,
    result: spoken?.role === 'tool' && since.includes(spoken) ? { tool: spoken.name ?? '', text: spoken.text } : null,
    choice: choiceOf(since),
  };
}

const isCall = (message: ReadMessage): boolean => message.role === 'assistant' && isToolRecipient(message.recipient);

function firstMatch(messages: readonly ReadMessage[], pattern: RegExp): string | null {
  for (const { text } of messages) {
    const found = pattern.exec(text)?.[1];
    if (found !== undefined) return found;
  }
  return null;
}

function effortOf(word: string | null): Situation['effort'] {
  return word === 'low' || word === 'high' ? word : 'medium';
}

/** The last `# Response Formats` section: a JSON Schema in it, or words that ask for JSON. */
function formatOf(told: readonly ReadMessage[]): ResponseFormat | null {
  const section = told
    .map(({ text }) => /(?:^|\n)# Response Formats\n(?![^]*\n# Response Formats\n)([^]*)$/u.exec(text)?.[1])
    .findLast((found) => found !== undefined);
  if (section === undefined) return null;
  for (let at = section.search(/^\{/mu); at !== -1; at = -1) {
    const schema = parseJson(section.slice(at, section.lastIndexOf('}') + 1));
    if (typeof schema === 'object' && schema !== null) return { type: 'schema', schema: schema as JsonSchema };
  }
  return { type: 'object' };
}

/** What developer messages behind the user's say of calling tools, unless a call has been made since. */
function choiceOf(since: readonly ReadMessage[]): CallChoice {
  const open = since.slice(since.findLastIndex(isCall) + 1);
  const text = open
    .filter((message) => message.role === 'developer')
    .map((message) => message.text)
    .join('\n');
  if (/\bno (?:function|tool)s? may be called\b/iu.test(text)) return { type: 'forbidden' };
  const allowed = [...text.matchAll(/\b[\w-]+\.[\w-]+\b/gu)].map(([recipient]) => recipient);
  const required = /\bmust (?:be a (?:function|tool )?\s?call|call)\b/iu.test(text);
  return { type: required ? 'required' : 'free', allowed };
}
