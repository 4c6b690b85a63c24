import type { Exchange } from '../../core/dialect.ts';
import type { Clock, Ids } from '../../core/ids.ts';
import { parseRequest } from '../parse.ts';
import { applySupport } from '../support.ts';
import { completionRequest } from './schema.ts';
import { completionFields } from './support.ts';
import { createCompletionAnswer } from './to-stream.ts';
import { onePrompt, toTurn } from './to-turn.ts';

/**
 * Understands the body of a `POST /v1/completions`, the API that Chat Completions replaced.
 *
 * @throws GatewayError naming the field at fault.
 */
export function openCompletion(body: unknown, context: { readonly ids: Ids; readonly clock: Clock }): Exchange {
  const request = parseRequest(completionRequest, body);
  const warnings = applySupport(completionFields, body as object);
  const prompt = onePrompt(request.prompt);
  return {
    turn: toTurn(request, prompt),
    stream: request.stream ?? false,
    warnings,
    answer: () =>
      createCompletionAnswer({
        id: context.ids.next('cmpl'),
        created: Math.floor(context.clock.now() / 1000),
        model: request.model,
        includeUsage: request.stream_options?.include_usage ?? false,
        echo: request.echo === true ? prompt : '',
      }),
  };
}
