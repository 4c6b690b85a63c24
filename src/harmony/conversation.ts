import type { AnswerFormat, CustomTool, Tool, Turn, TurnItem } from '../core/turn.ts';
import { historyMessages, instructed, message } from './history.ts';
import type { HarmonyContent, HarmonyMessage, SystemContent, ToolDescription } from './message.ts';
import { responseFormatText } from './response-format.ts';
import { createInlineBudget, inlineReferences } from './schema-references.ts';
import { toolChoiceText } from './tool-choice.ts';
import { createToolNames } from './tool-names.ts';
import type { ToolNames } from './tool-names.ts';

export type ConversationSettings = {
  /** The current date that the model is told, as YYYY-MM-DD; null: none. Keep it for a conversation's whole life. */
  readonly date: string | null;
  /** As in `2024-06`; null: none. */
  readonly knowledgeCutoff: string | null;
  /** First line of the system message. The models were trained on one sentence; a persona belongs in instructions. */
  readonly modelIdentity: string;
};

export type Conversation = {
  readonly messages: readonly HarmonyMessage[];
  /** Whether the prefill goes on to `<|start|>assistant<|channel|>final<|message|>`, so that no thinking is sampled. */
  readonly primeFinal: boolean;
  /** Finds the tool of a recipient that the model writes. */
  readonly toolNames: ToolNames;
};

/**
 * The Harmony conversation of a turn, everything the model is shown before it speaks:
 *
 * system (identity, dates, effort, channels), developer (instructions, tools, response format), the history as it
 * stands, and a last developer message when the tool choice restricts the model.
 *
 * Made so that a turn's rendering begins with that of the turn before wherever Harmony allows: nothing later in the
 * history changes anything earlier, except that the first final answer ends the need for the thoughts before it.
 */
export function conversationOf(turn: Turn, settings: ConversationSettings): Conversation {
  const toolNames = createToolNames(turn.tools);
  const tools = turn.toolChoice.type === 'none' ? [] : turn.tools;
  const firstOther = turn.items.findIndex((item) => !isInstruction(item));
  const leading = firstOther === -1 ? turn.items.length : firstOther;
  const instructions = turn.items
    .slice(0, leading)
    .flatMap((item) => (item.type === 'message' && item.text !== '' ? [item.text] : []));

  const developer = developerContent(instructions, describeTools(tools, toolNames), turn.format);
  const choice = toolChoiceText(turn.toolChoice, toolNames);
  const messages = [
    systemMessage(turn, settings),
    ...(developer.length > 0 ? [message('developer', developer)] : []),
    ...historyMessages(turn.items.slice(leading), toolNames),
    ...(choice !== null ? [message('developer', instructed(choice))] : []),
  ];
  // Inside the final channel no tool can be called, so a turn with tools keeps the (low) effort to call them.
  return { messages, primeFinal: turn.effort === 'none' && tools.length === 0, toolNames };
}

function systemMessage(turn: Turn, settings: ConversationSettings): HarmonyMessage {
  const system: SystemContent = {
    modelIdentity: settings.modelIdentity,
    // The models know three efforts; a prefill that skips thinking says the nearest one.
    reasoningEffort: turn.effort === 'none' ? 'low' : turn.effort,
    conversationStartDate: settings.date,
    knowledgeCutoff: settings.knowledgeCutoff,
    channels: { valid: ['analysis', 'commentary', 'final'], required: true },
    tools: [],
  };
  return message('system', [{ type: 'system', system }]);
}

function developerContent(
  instructions: readonly string[],
  tools: readonly ToolDescription[],
  format: AnswerFormat,
): HarmonyContent[] {
  const contents: HarmonyContent[] = [];
  if (instructions.length > 0 || tools.length > 0) {
    contents.push({
      type: 'developer',
      developer: {
        instructions: instructions.length > 0 ? instructions.join('\n\n') : null,
        tools: tools.length > 0 ? [{ name: 'functions', description: null, tools }] : [],
      },
    });
  }
  const section = responseFormatText(format);
  if (section !== null) contents.push({ type: 'text', text: contents.length > 0 ? `\n\n${section}` : section });
  return contents;
}

function describeTools(tools: readonly Tool[], names: ToolNames): ToolDescription[] {
  const described = new Map<string, ToolDescription>();
  const budget = createInlineBudget();
  for (const tool of tools) {
    const name = names.recipientOf(tool).slice('functions.'.length);
    if (described.has(name)) continue;
    described.set(
      name,
      tool.type === 'function'
        ? {
            name,
            description: tool.description ?? '',
            parameters: tool.parameters === null ? null : inlineReferences(tool.parameters, budget),
          }
        : { name, description: customDescription(tool), parameters: customParameters },
    );
  }
  return [...described.values()];
}

/** A custom tool is a function whose one argument is the free text. */
const customParameters = {
  type: 'object',
  properties: { input: { type: 'string', description: 'The whole input of the tool, as plain text.' } },
  required: ['input'],
};

function customDescription(tool: CustomTool): string {
  if (tool.grammar === null) return tool.description ?? '';
  const syntax = tool.grammar.syntax === 'lark' ? 'Lark grammar' : 'regular expression';
  const rule = `\`input\` must match this ${syntax}:\n${tool.grammar.definition}`;
  return tool.description === null || tool.description === '' ? rule : `${tool.description}\n\n${rule}`;
}

function isInstruction(item: TurnItem): boolean {
  return item.type === 'message' && (item.role === 'system' || item.role === 'developer');
}
