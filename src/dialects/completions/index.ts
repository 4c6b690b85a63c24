import type { Exchange } from '../../core/dialect.ts';
import type { Clock, Ids } from '../../core/ids.ts';
import { parseRequest } from '../parse.ts';
import { applySupport } from '../support.ts';
import { readPrompts } from './prompts.ts';
import { completionRequest } from './schema.ts';
import { completionFields } from './support.ts';
import { createCompletionAnswer } from './to-stream.ts';
import { answersPerPrompt, toTurn } from './to-turn.ts';

export type CompletionContext = {
  readonly ids: Ids;
  readonly clock: Clock;
  /** The text of token ids, control tokens by name. */
  readonly textOf: (ids: readonly number[]) => string;
};

/**
 * Understands the body of a `POST /v1/completions`, the API that Chat Completions replaced. Each prompt has `n` answers,
 * one after another.
 *
 * @throws GatewayError naming the field at fault.
 */
export function openCompletion(body: unknown, { ids, clock, textOf }: CompletionContext): Exchange {
  const request = parseRequest(completionRequest, body);
  const warnings = applySupport(completionFields, body as object);
  const prompts = readPrompts(request.prompt);
  const perPrompt = answersPerPrompt(request, prompts);
  const turns = prompts.flatMap((prompt) => {
    const turn = toTurn(request, prompt);
    return Array.from({ length: perPrompt }, () => turn);
  });
  return {
    turn: turns[0]!,
    further: turns.slice(1),
    stream: request.stream ?? false,
    warnings,
    answer: () =>
      createCompletionAnswer({
        id: ids.next('cmpl'),
        created: Math.floor(clock.now() / 1000),
        model: request.model,
        includeUsage: request.stream_options?.include_usage ?? false,
        obfuscate: request.stream_options?.include_obfuscation ?? false,
        echoes:
          request.echo === true ? prompts.map((prompt) => (typeof prompt === 'string' ? prompt : textOf(prompt))) : [],
        perPrompt,
      }),
  };
}
