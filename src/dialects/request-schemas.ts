import { chatRequest } from './chat/schema.ts';
import { completionRequest } from './completions/schema.ts';
import { requestSchema } from './json-schema.ts';
import type { JsonSchema } from './json-schema.ts';
import { metadataUpdate } from './metadata.ts';
import { addition, creation } from './responses/conversation-request.ts';
import { responsesRequest } from './responses/schema.ts';

/** The bodies that clients send, as JSON Schema, made from the schemas that read them. */
export function requestSchemas() {
  const { model, input } = responsesRequest.shape;
  return {
    ResponseRequest: requestSchema(responsesRequest),
    InputTokensRequest: requestSchema(responsesRequest.extend({ model: model.nullish(), input: input.nullish() })),
    CompactRequest: requestSchema(
      responsesRequest
        .pick({ instructions: true, previous_response_id: true, prompt_cache_key: true, reasoning: true })
        .extend({ model: model.nullish(), input: input.nullish() }),
    ),
    ChatCompletionRequest: requestSchema(chatRequest),
    CompletionRequest: requestSchema(completionRequest),
    CompletionUpdate: requestSchema(metadataUpdate),
    ConversationRequest: requestSchema(creation),
    ConversationUpdate: requestSchema(metadataUpdate),
    ConversationItems: requestSchema(addition),
    PrefillRequest: {
      anyOf: [prefillRequest('responses', 'ResponseRequest'), prefillRequest('chat', 'ChatCompletionRequest')],
    },
  };
}

/** A request of an API, to be looked at. */
function prefillRequest(api: string, schema: string): JsonSchema {
  return {
    type: 'object',
    properties: { api: { const: api }, body: { $ref: `#/components/schemas/${schema}` } },
    required: ['api', 'body'],
  };
}

export type RequestSchemaName = keyof ReturnType<typeof requestSchemas>;
