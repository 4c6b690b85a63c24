import type { AnswerText, Entry, Reasoning, ToolCall } from './conversation.ts';
import type { Settings } from './settings.ts';

/** A request as it is sent. */
export type ApiRequest = {
  readonly api: Settings['api'];
  readonly path: string;
  readonly body: { readonly [field: string]: unknown };
};

/** The request that continues a conversation. What the form leaves open is left out. */
export function requestOf(settings: Settings, entries: readonly Entry[]): ApiRequest {
  switch (settings.api) {
    case 'responses':
      return { api: 'responses', path: '/v1/responses', body: responsesBody(settings, entries) };
    case 'chat':
      return { api: 'chat', path: '/v1/chat/completions', body: chatBody(settings, entries) };
  }
}

function responsesBody(settings: Settings, entries: readonly Entry[]) {
  const { instructions, tools, format, effort, temperature, maxTokens } = settings;
  const [first] = entries;
  const isOneText = entries.length === 1 && first?.type === 'user';
  return {
    model: settings.model,
    ...(instructions === '' ? {} : { instructions }),
    input: isOneText ? first.text : entries.map(inputItem),
    ...(tools.length === 0
      ? {}
      : { tools: tools.map(({ type, name, rest }) => ({ type, name, ...rest })), ...choiceOf(settings) }),
    ...(format.type === 'text' ? {} : { text: { format: responsesFormat(format) } }),
    ...(effort === null ? {} : { reasoning: { effort } }),
    ...(temperature === null ? {} : { temperature }),
    ...(maxTokens === null ? {} : { max_output_tokens: maxTokens }),
    store: false,
    stream: true,
  };
}

function responsesFormat(format: Exclude<Settings['format'], { type: 'text' }>) {
  return format.type === 'json_object'
    ? format
    : { type: 'json_schema', name: 'answer', schema: format.schema, strict: true };
}

function inputItem(entry: Entry) {
  switch (entry.type) {
    case 'user':
      return { role: 'user', content: entry.text };
    case 'reasoning': {
      const content = [{ type: 'reasoning_text', text: entry.text }];
      return { type: 'reasoning', ...(entry.id === null ? {} : { id: entry.id }), summary: [], content };
    }
    case 'text':
      return { role: 'assistant', content: entry.text, ...(entry.phase === null ? {} : { phase: entry.phase }) };
    case 'call': {
      const { callId: call_id, name, text } = entry;
      return entry.kind === 'function'
        ? { type: 'function_call', call_id, name, arguments: text }
        : { type: 'custom_tool_call', call_id, name, input: text };
    }
    case 'output':
      return {
        type: `${entry.kind}${entry.kind === 'custom' ? '_tool' : ''}_call_output`,
        call_id: entry.callId,
        output: entry.text,
      };
  }
}

function chatBody(settings: Settings, entries: readonly Entry[]) {
  const { instructions, tools, format, effort, temperature, maxTokens } = settings;
  return {
    model: settings.model,
    messages: [
      ...(instructions === '' ? [] : [{ role: 'developer', content: instructions }]),
      ...chatMessages(entries),
    ],
    ...(tools.length === 0
      ? {}
      : { tools: tools.map(({ type, name, rest }) => ({ type, [type]: { name, ...rest } })), ...choiceOf(settings) }),
    ...(format.type === 'text' ? {} : { response_format: chatFormat(format) }),
    ...(effort === null ? {} : { reasoning_effort: effort }),
    ...(temperature === null ? {} : { temperature }),
    ...(maxTokens === null ? {} : { max_completion_tokens: maxTokens }),
    stream: true,
    stream_options: { include_usage: true },
  };
}

function chatFormat(format: Exclude<Settings['format'], { type: 'text' }>) {
  return format.type === 'json_object'
    ? format
    : { type: 'json_schema', json_schema: { name: 'answer', schema: format.schema, strict: true } };
}

/** `auto` is what both APIs do by themselves. */
function choiceOf({ toolChoice }: Settings) {
  return toolChoice === 'auto' ? {} : { tool_choice: toolChoice };
}

/** What an assistant says in a row, thoughts and calls included, is one message there. */
function chatMessages(entries: readonly Entry[]): object[] {
  const messages: object[] = [];
  let said: (Reasoning | AnswerText | ToolCall)[] = [];
  const endAnswer = () => {
    if (said.length > 0) messages.push(assistantMessage(said));
    said = [];
  };
  for (const entry of entries) {
    if (entry.type === 'user' || entry.type === 'output') endAnswer();
    switch (entry.type) {
      case 'user':
        messages.push({ role: 'user', content: entry.text });
        break;
      case 'output':
        messages.push({ role: 'tool', tool_call_id: entry.callId, content: entry.text });
        break;
      case 'reasoning':
      case 'text':
      case 'call':
        said.push(entry);
    }
  }
  endAnswer();
  return messages;
}

function assistantMessage(said: readonly (Reasoning | AnswerText | ToolCall)[]) {
  const texts = said.filter((entry) => entry.type === 'text').map(({ text }) => text);
  const thoughts = said.filter((entry) => entry.type === 'reasoning').map(({ text }) => text);
  const calls = said.filter((entry) => entry.type === 'call').map(chatCall);
  return {
    role: 'assistant',
    content: texts.length === 0 && calls.length > 0 ? null : texts.join('\n\n'),
    ...(thoughts.length === 0 ? {} : { reasoning_content: thoughts.join('\n\n') }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
}

function chatCall({ callId: id, kind, name, text }: ToolCall) {
  return kind === 'function'
    ? { id, type: 'function', function: { name, arguments: text } }
    : { id, type: 'custom', custom: { name, input: text } };
}
