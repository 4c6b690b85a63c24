import type { Exchange } from '../../src/core/dialect.ts';
import type { Clock, Ids } from '../../src/core/ids.ts';
import { openChat } from '../../src/dialects/chat/index.ts';
import { openResponse } from '../../src/dialects/responses/index.ts';
import { exactSeals } from '../support/seals.ts';

/** A client of one API that keeps its conversation itself and sends all of it with every request. */
export type ApiClient = {
  open(body: unknown, context: { readonly ids: Ids; readonly clock: Clock }): Exchange;
  /** The next request: these fields and the conversation. */
  body(fields: object): object;
  say(role: 'user' | 'developer', text: string): void;
  /** Gives every call that is open an output. */
  answerCalls(text: string): void;
  /** Takes an answer into the conversation, as it will be sent back. */
  take(answer: unknown): void;
  /** Whether what the model thought is sent back. */
  readonly sendsThoughts: boolean;
};

type Item = Record<string, unknown>;

/**
 * A client of the Responses API. With thoughts it does as Codex does: every item of the output comes back, less its id
 * and its status; the base prompt is a developer message. `phases`: whether it knows the phase of messages, as
 * newer ones do.
 */
export function createResponsesClient(knows: { readonly thoughts: boolean; readonly phases: boolean }): ApiClient {
  const input: Item[] = [];
  const seals = exactSeals();
  let openCalls: Item[] = [];
  return {
    open: (body, context) => openResponse(body, { ...context, seals, attachments: 'placeholder' }),
    sendsThoughts: knows.thoughts,
    body: (fields) => ({ model: 'gpt-oss-20b', stream: true, store: false, ...fields, input }),
    say(role, text) {
      input.push({ type: 'message', role, content: [{ type: 'input_text', text }] });
    },
    answerCalls(text) {
      for (const { type, call_id } of openCalls) {
        const answered = type === 'function_call' ? 'function_call_output' : 'custom_tool_call_output';
        input.push({ type: answered, call_id, output: text });
      }
      openCalls = [];
    },
    take(answer) {
      for (const { id: _, status: __, phase, ...item } of (answer as { output: Item[] }).output) {
        if (item.type === 'reasoning' && !knows.thoughts) continue;
        if (item.type === 'reasoning') input.push({ ...item, encrypted_content: null });
        else input.push(knows.phases && phase !== undefined ? { ...item, phase } : item);
        if (item.type === 'function_call' || item.type === 'custom_tool_call') openCalls.push(item);
      }
    },
  };
}

/** A client of the Responses API that has its conversation stored, and sends what is new and the id of the last answer. */
export function createFollowingClient(): ApiClient {
  const seals = exactSeals();
  const stored: Item[] = [];
  let added: Item[] = [];
  let openCalls: Item[] = [];
  return {
    open(body, context) {
      const history = stored.length === 0 ? null : { items: stored, key: null };
      return openResponse(body, {
        ...context,
        seals,
        attachments: 'placeholder',
        stored: { history, items: new Map() },
      });
    },
    sendsThoughts: true,
    body: (fields) => ({
      model: 'gpt-oss-20b',
      ...fields,
      input: added,
      ...(stored.length === 0 ? {} : { previous_response_id: 'resp_1' }),
    }),
    say(role, text) {
      added.push({ type: 'message', role, content: [{ type: 'input_text', text }] });
    },
    answerCalls(text) {
      for (const { type, call_id } of openCalls) added.push({ type: `${String(type)}_output`, call_id, output: text });
      openCalls = [];
    },
    take(answer) {
      const { output } = answer as { output: Item[] };
      stored.push(...added, ...output);
      added = [];
      openCalls = output.filter(({ type }) => type === 'function_call' || type === 'custom_tool_call');
    },
  };
}

/** A client of Chat Completions. Most send an answer's content and calls back; with thoughts, `reasoning_content` too. */
export function createChatClient(knows: { readonly thoughts: boolean }): ApiClient {
  const messages: Item[] = [];
  let openCalls: Item[] = [];
  return {
    open: openChat,
    sendsThoughts: knows.thoughts,
    body: (fields) => ({ model: 'gpt-oss-20b', ...fields, messages }),
    say(role, text) {
      messages.push({ role, content: text });
    },
    answerCalls(text) {
      for (const call of openCalls) messages.push({ role: 'tool', tool_call_id: call.id, content: text });
      openCalls = [];
    },
    take(answer) {
      const { message } = (answer as { choices: { message: Item }[] }).choices[0]!;
      const { role, content, tool_calls: calls, reasoning_content: reasoning } = message;
      messages.push({
        role,
        content,
        ...(calls === undefined ? {} : { tool_calls: calls }),
        ...(knows.thoughts && reasoning !== undefined ? { reasoning_content: reasoning } : {}),
      });
      openCalls = (calls ?? []) as Item[];
    },
  };
}
