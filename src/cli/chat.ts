import { readFileSync } from 'node:fs';
import type { Config } from '../config-decide.ts';
import { createEncoding } from '../harmony/encoding.ts';
import type { ChatCommand } from './args.ts';
import { assembleGateway } from './assemble.ts';
import { answer, chatRequest } from './chat-answer.ts';
import type { ChatOutput } from './chat-answer.ts';
import { converse } from './chat-conversation.ts';
import type { Lines } from './chat-conversation.ts';
import { connectBackend } from './connect.ts';

/**
 * Asks the configured backend, without a server between: the question that is given, or, with `lines`, one after the
 * other.
 *
 * @throws GatewayError for what fails; in a conversation that is told, and the next question may be asked.
 */
export async function chat(
  config: Config,
  command: ChatCommand,
  asked: { readonly question: string } | { readonly lines: Lines },
  output: ChatOutput,
  stop: AbortSignal,
): Promise<void> {
  const { note, print } = output;
  const tools = command.tools === null ? null : readFileSync(command.tools, 'utf8');
  const request = chatRequest(command, config.models[0]!.id, tools);
  const encoding = createEncoding();
  const warn = (what: string) => note(`${what}\n`);
  const backend = await connectBackend(config, encoding, () => undefined, warn);
  try {
    const gateway = assembleGateway(config, { backend, encoding });
    if (config.backend.type === 'simulator') note('(the simulator answers: no model runs here)\n');
    if ('lines' in asked) return await converse(gateway, request, asked.lines, output);
    const shown = command.json ? { ...output, print: () => undefined } : output;
    const response = await answer(gateway, request, [{ role: 'user', content: asked.question }], shown, stop);
    if (command.json) print(`${JSON.stringify(response)}\n`);
  } finally {
    await backend.close();
  }
}
