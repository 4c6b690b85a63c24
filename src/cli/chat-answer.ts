import { GatewayError } from '../core/errors.ts';
import type { TurnEvent } from '../core/event.ts';
import { openResponse } from '../dialects/responses/index.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { ChatCommand } from './args.ts';
import { randomIds, systemClock } from './runtime.ts';
import { temporarySeals } from './seal-key.ts';
import type { Waiting } from './waiting.ts';

export type ChatOutput = {
  /** The answer, piece by piece. */
  readonly print: (text: string) => void;
  /** What is not the answer: thinking, calls, and how it went. */
  readonly note: (text: string) => void;
  /** What is waited for before the answer begins; absent: it is not shown. */
  readonly waiting?: Waiting;
};

/** An item of a conversation, as the Responses API writes it. */
export type ChatItem = { readonly type?: string; readonly [field: string]: unknown };

/** What is asked beside the conversation, in the fields of a Responses request. */
export type ChatRequest = { readonly [field: string]: unknown };

/** The request that a command line makes; `tools` is the content of its tools file. */
export function chatRequest(command: ChatCommand, model: string, tools: string | null): ChatRequest {
  return {
    model,
    store: false,
    instructions: command.instructions,
    reasoning: { effort: command.effort },
    temperature: command.temperature,
    max_output_tokens: command.maxOutputTokens,
    ...(tools === null ? {} : { tools: parseTools(tools) }),
  };
}

function parseTools(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new GatewayError('invalid_json', `The file of tools is not JSON: ${(cause as Error).message}.`, { cause });
  }
}

/**
 * Asks once and tells the answer as it comes. Everything a request over HTTP goes through is gone through here as well,
 * but for HTTP.
 *
 * @returns the response, with the items that continue the conversation in its `output`.
 * @throws GatewayError as `Gateway.run` does, and for a request that the server would refuse.
 */
export async function answer(
  gateway: Gateway,
  request: ChatRequest,
  input: readonly ChatItem[],
  { print, note, waiting = () => () => {} }: ChatOutput,
  signal: AbortSignal,
): Promise<{ readonly output: readonly ChatItem[] }> {
  const exchange = openResponse(
    { ...request, input },
    {
      ids: randomIds,
      clock: systemClock,
      seals: temporarySeals(),
      attachments: 'placeholder',
    },
  );
  for (const warning of exchange.warnings) note(`${warning}\n`);
  const folded = exchange.answer();
  let waited = waiting('waiting for the engine');
  const wait = (what: string): void => {
    waited();
    waited = waiting(what);
  };
  try {
    for await (const batch of gateway.run(exchange.turn, signal)) {
      for (const event of batch) {
        if (event.type === 'turn-queued') wait(`waiting for the engine, number ${event.position} in its queue`);
        else if (event.type === 'turn-start') wait(`reading ${event.inputTokens} tokens`);
        else waited();
        folded.push(event);
        tell(event, { print, note });
      }
    }
  } finally {
    waited();
  }
  return folded.object() as { output: readonly ChatItem[] };
}

function tell(event: TurnEvent, { print, note }: ChatOutput): void {
  if (event.type === 'reasoning-delta') note(event.text);
  else if (event.type === 'reasoning-end') note('\n');
  else if (event.type === 'text-delta') print(event.text);
  else if (event.type === 'text-end') print('\n');
  else if (event.type === 'tool-call-start') note(`→ ${event.tool.name} `);
  else if (event.type === 'tool-call-end') note(`${event.input}\n`);
  else if (event.type === 'turn-end') {
    const { inputTokens, outputTokens } = event.usage;
    note(`(${inputTokens} tokens in, ${outputTokens} out${event.reason === 'length' ? ', cut off' : ''})\n`);
  }
}
