import type { Config } from '../config-decide.ts';
import type { Turn, TurnItem } from '../core/turn.ts';
import { createEncoding } from '../harmony/encoding.ts';
import type { ChatCommand } from './args.ts';
import { assembleGateway } from './assemble.ts';
import { connectBackend } from './connect.ts';

export type ChatOutput = {
  /** The answer, piece by piece. */
  readonly print: (text: string) => void;
  /** What is not the answer: thinking, and how it went. */
  readonly note: (text: string) => void;
};

/**
 * Asks the configured backend one question and prints the answer as it comes. Everything a request over HTTP goes
 * through is gone through here as well, but for HTTP.
 */
export async function chat(
  config: Config,
  command: ChatCommand,
  question: string,
  { print, note }: ChatOutput,
  stop: AbortSignal,
): Promise<void> {
  const encoding = createEncoding();
  const backend = await connectBackend(config, encoding, () => undefined);
  try {
    const gateway = assembleGateway(config, { backend, encoding });
    if (config.backend.type === 'simulator') note('(the simulator answers: no model runs here)\n');
    for await (const batch of gateway.run(turnOf(config, command, question), stop)) {
      for (const event of batch) {
        if (event.type === 'reasoning-delta') note(event.text);
        else if (event.type === 'reasoning-end') note('\n');
        else if (event.type === 'text-delta') print(event.text);
        else if (event.type === 'turn-end') {
          print('\n');
          const { inputTokens, outputTokens } = event.usage;
          note(`(${inputTokens} tokens in, ${outputTokens} out${event.reason === 'length' ? ', cut off' : ''})\n`);
        }
      }
    }
  } finally {
    await backend.close();
  }
}

function turnOf(config: Config, command: ChatCommand, question: string): Turn {
  const items: TurnItem[] = [{ type: 'message', role: 'user', text: question }];
  if (command.instructions !== null) {
    items.unshift({ type: 'message', role: 'developer', text: command.instructions });
  }
  return {
    model: config.models[0]!.id,
    items,
    tools: [],
    toolChoice: { type: 'none' },
    parallelToolCalls: false,
    effort: command.effort,
    format: { type: 'text' },
    maxOutputTokens: command.maxOutputTokens,
    temperature: command.temperature,
    stop: [],
    conversationKey: null,
  };
}
