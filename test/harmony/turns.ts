import type { CustomTool, FunctionTool, ToolReference, Turn, TurnItem } from '../../src/core/turn.ts';
import type { ConversationSettings } from '../../src/harmony/conversation.ts';

export const settings: ConversationSettings = {
  date: '2026-01-01',
  knowledgeCutoff: '2024-06',
  modelIdentity: 'You are ChatGPT, a large language model trained by OpenAI.',
};

export function turn(changes: Partial<Turn> = {}): Turn {
  return {
    model: 'gpt-oss-20b',
    items: [user('hi')],
    tools: [],
    toolChoice: { type: 'auto' },
    parallelToolCalls: true,
    effort: 'medium',
    format: { type: 'text' },
    maxOutputTokens: null,
    temperature: 1,
    stop: [],
    conversationKey: null,
    ...changes,
  };
}

export const user = (text: string): TurnItem => ({ type: 'message', role: 'user', text });
export const system = (text: string): TurnItem => ({ type: 'message', role: 'system', text });
export const developer = (text: string): TurnItem => ({ type: 'message', role: 'developer', text });
export const thought = (text: string): TurnItem => ({ type: 'reasoning', text });
export const output = (callId: string, text: string): TurnItem => ({ type: 'tool-output', callId, text });

export function assistant(text: string, phase?: 'commentary' | 'final'): TurnItem {
  return { type: 'message', role: 'assistant', text, ...(phase === undefined ? {} : { phase }) };
}

export function call(callId: string, name: string, input: string, changes: Partial<ToolReference> = {}): TurnItem {
  return { type: 'tool-call', callId, tool: { type: 'function', name, namespace: null, ...changes }, input };
}

export function functionTool(name: string, changes: Partial<FunctionTool> = {}): FunctionTool {
  return { type: 'function', name, namespace: null, description: null, parameters: null, strict: false, ...changes };
}

export function customTool(name: string, changes: Partial<CustomTool> = {}): CustomTool {
  return { type: 'custom', name, namespace: null, description: null, grammar: null, ...changes };
}
