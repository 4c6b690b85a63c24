import { asGatewayError, GatewayError } from '../core/errors.ts';
import type { Effort } from '../core/turn.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { answer } from './chat-answer.ts';
import type { ChatItem, ChatOutput, ChatRequest } from './chat-answer.ts';
import { efforts } from './flags.ts';

/** Where a conversation's lines come from. */
export type Lines = {
  /** The next line that is typed; null: there is none any more. */
  next(prompt: string): Promise<string | null>;
  /** Aborts when somebody interrupts the answer; a new one for every answer. */
  interruption(): AbortSignal;
};

const help = `Type a question. A line that ends in a backslash goes on in the next.
  /new            forget the conversation
  /effort LEVEL   ${efforts.join(', ')}
  /quit           leave; so does the end of the input
While the model answers, Ctrl-C stops it. When it calls a tool, type what the tool answers.
`;

/**
 * A conversation at a terminal: asks again after each answer, and sends everything that was said before along. A
 * question that fails is not part of it.
 */
export async function converse(
  gateway: Gateway,
  request: ChatRequest,
  lines: Lines,
  output: ChatOutput,
): Promise<void> {
  const { note } = output;
  let history: readonly ChatItem[] = [];
  let effort: Effort | null = null;
  for (;;) {
    const line = await question(lines);
    if (line === null) return;
    const [command, argument] = line.trim().split(/\s+/, 2);
    if (command === '') continue;
    if (command === '/quit' || command === '/exit') return;
    if (command === '/help') note(help);
    else if (command === '/new') history = [];
    else if (command === '/effort') {
      const chosen = efforts.find((known) => known === argument);
      if (chosen === undefined) note(`/effort is one of ${efforts.join(', ')}.\n`);
      else effort = chosen;
    } else if (/^\/[a-z]+$/.test(command!) && command !== '/sim') {
      note(`${command} is no command; /help shows them.\n`);
    } else {
      const asked = effort === null ? request : { ...request, reasoning: { effort } };
      const items = [...history, { role: 'user', content: line }];
      history = (await converseOnce(gateway, asked, items, lines, output)) ?? history;
    }
  }
}

async function question(lines: Lines): Promise<string | null> {
  let text = '';
  for (let prompt = '> '; ; prompt = '… ') {
    const line = await lines.next(prompt);
    if (line === null) return text === '' ? null : text;
    if (!line.endsWith('\\')) return text + line;
    text += `${line.slice(0, -1)}\n`;
  }
}

/** Asks until the model has answered without a call; null when that failed. */
async function converseOnce(
  gateway: Gateway,
  request: ChatRequest,
  items: readonly ChatItem[],
  lines: Lines,
  output: ChatOutput,
): Promise<readonly ChatItem[] | null> {
  let said = items;
  for (;;) {
    const signal = lines.interruption();
    try {
      const response = await answer(gateway, request, said, output, signal);
      said = [...said, ...response.output];
      const calls = response.output.filter(({ type }) => type === 'function_call' || type === 'custom_tool_call');
      if (calls.length === 0) return said;
      for (const call of calls) {
        const result = await lines.next(`${String(call['name'])} answers: `);
        if (result === null) return null;
        said = [...said, { type: `${call.type!}_output`, call_id: call['call_id'], output: result }];
      }
    } catch (thrown) {
      const error = asGatewayError(thrown);
      if (signal.reason instanceof GatewayError && signal.reason.code === 'shutting_down') throw error;
      output.note(signal.aborted ? '\n(stopped)\n' : `${error.message}\n`);
      return null;
    }
  }
}
