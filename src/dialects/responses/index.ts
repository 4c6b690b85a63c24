import type { Exchange } from '../../core/dialect.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Clock, Ids } from '../../core/ids.ts';
import { parseRequest } from '../parse.ts';
import { applySupport } from '../support.ts';
import { requestFields } from './response.ts';
import { responsesRequest } from './schema.ts';
import { responsesFields } from './support.ts';
import { createResponsesAnswer } from './to-stream.ts';
import { settingsOf, toTurn } from './to-turn.ts';

/**
 * Understands the body of a `POST /v1/responses`.
 *
 * @throws GatewayError naming the field at fault.
 */
export function openResponse(body: unknown, context: { readonly ids: Ids; readonly clock: Clock }): Exchange {
  const { ids, clock } = context;
  const seconds = () => Math.floor(clock.now() / 1000);
  // What is refused comes first: without `messages` of Chat Completions, say, it is no wonder that `input` is missing.
  const warnings = isObject(body) ? refuseAndIgnore(body) : [];
  const request = parseRequest(responsesRequest, body);
  const settings = settingsOf(request);
  const turn = toTurn(request, settings, (warning) => warnings.push(warning));
  return {
    turn,
    stream: request.stream ?? false,
    warnings,
    answer: () =>
      createResponsesAnswer({
        id: ids.next('resp'),
        createdAt: seconds(),
        request: requestFields(request, body as object, settings),
        jsonContent: settings.format.type !== 'text',
        ids,
        now: seconds,
      }),
  };
}

function refuseAndIgnore(body: object): string[] {
  const previous = 'previous_response_id' in body ? body.previous_response_id : null;
  if (typeof previous === 'string') {
    throw new GatewayError(
      'previous_response_not_found',
      `Previous response with id '${previous}' not found: responses are not kept here; send the whole conversation as 'input'.`,
      { param: 'previous_response_id' },
    );
  }
  return applySupport(responsesFields, body);
}

function isObject(body: unknown): body is object {
  return typeof body === 'object' && body !== null && !Array.isArray(body);
}
