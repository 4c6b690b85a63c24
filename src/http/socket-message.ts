import { GatewayError } from '../core/errors.ts';

/** What a client says over a WebSocket of the Responses API (`ResponsesClientEvent` of OpenAI's SDK). */
export type SocketMessage =
  | ({ readonly type: 'response.create' } & ResponseCreate)
  /** Steering is answered by its refusal: what the engine has begun can't be given other words. */
  | { readonly type: 'response.steer'; readonly refusal: object };

export type ResponseCreate = {
  /** As of `POST /v1/responses`. */
  readonly body: { readonly [field: string]: unknown };
  /** False: the request is only prepared, for what follows on it. */
  readonly generate: boolean;
  /** Requests of one stream are answered one after another; null: of the one without a name. */
  readonly streamId: string | null;
};

/** @throws GatewayError naming the field at fault. */
export function parseSocketMessage(message: unknown): SocketMessage {
  if (typeof message !== 'object' || message === null || Array.isArray(message)) {
    throw new GatewayError('invalid_type', 'A message must be a JSON object.');
  }
  const { type, generate, stream_id: streamId, stream: _stream, ...fields } = message as { [field: string]: unknown };
  if (type === 'response.steer') return { type, refusal: steerRefusal(fields) };
  if (type !== 'response.create') {
    throw new GatewayError('invalid_value', "'type' must be 'response.create'.", { param: 'type' });
  }
  if (generate !== undefined && generate !== null && typeof generate !== 'boolean') {
    throw new GatewayError('invalid_type', "'generate' must be true or false.", { param: 'generate' });
  }
  if (fields['background'] === true) {
    throw new GatewayError('unsupported_value', "Unsupported value: 'background' can't be true over a WebSocket.", {
      param: 'background',
    });
  }
  return {
    type,
    // What comes over a WebSocket is a stream, whatever the message says.
    body: { ...fields, stream: true },
    generate: generate ?? true,
    streamId: parseStreamId(streamId),
  };
}

function parseStreamId(streamId: unknown): string | null {
  if (streamId === undefined || streamId === null) return null;
  if (typeof streamId === 'string' && /^[A-Za-z0-9_.-]{1,256}$/.test(streamId)) return streamId;
  throw new GatewayError(
    'invalid_value',
    "'stream_id' must be 1 to 256 letters, digits, underscores, dots and hyphens.",
    { param: 'stream_id' },
  );
}

/** `ResponseSteerFailedEvent` of OpenAI's SDK. */
function steerRefusal({ input, previous_response_id: response }: { readonly [field: string]: unknown }): object {
  return {
    type: 'response.steer.failed',
    sequence_number: 0,
    error: {
      type: 'invalid_request_error',
      code: 'steering_not_supported',
      message: 'A response that has begun can’t be steered here: send the input with the next request.',
    },
    steer: { input: input ?? [], previous_response_id: response ?? '' },
  };
}
