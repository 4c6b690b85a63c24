import type { RequestSchemaName } from '../../dialects/request-schemas.ts';

export type Example = { readonly summary: string; readonly value: object };

const model = 'gpt-oss-20b';

const weather = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
};

/** Bodies that the gateway answers; a test sends each of them. */
export const examples: { readonly [Name in RequestSchemaName]: { readonly [name: string]: Example } } = {
  ResponseRequest: {
    text: { summary: 'A question', value: { model, input: 'Why is the sky blue?' } },
    streamed: { summary: 'An answer as it comes', value: { model, input: 'Count to three.', stream: true } },
    tools: {
      summary: 'A function that the model may call',
      value: {
        model,
        instructions: 'Look the weather up before you speak of it.',
        input: [{ role: 'user', content: 'How is the weather in Paris?' }],
        tools: [{ type: 'function', name: 'get_weather', description: 'The weather now.', parameters: weather }],
        reasoning: { effort: 'low' },
      },
    },
    schema: {
      summary: 'JSON that fits a schema',
      value: {
        model,
        input: 'Name a city.',
        text: { format: { type: 'json_schema', name: 'city', schema: weather, strict: true } },
      },
    },
  },
  InputTokensRequest: {
    text: { summary: 'A question that is not asked yet', value: { model, input: 'Why is the sky blue?' } },
  },
  CompactRequest: {
    text: {
      summary: 'A conversation so far',
      value: { model, input: [{ role: 'user', content: 'My name is Ada.' }] },
    },
  },
  ChatCompletionRequest: {
    text: { summary: 'A question', value: { model, messages: [{ role: 'user', content: 'Why is the sky blue?' }] } },
    streamed: {
      summary: 'An answer as it comes, with its usage',
      value: {
        model,
        messages: [
          { role: 'system', content: 'Be brief.' },
          { role: 'user', content: 'Count to three.' },
        ],
        stream: true,
        stream_options: { include_usage: true },
      },
    },
    tools: {
      summary: 'What a function has answered',
      value: {
        model,
        messages: [
          { role: 'user', content: 'How is the weather in Paris?' },
          {
            role: 'assistant',
            tool_calls: [
              { id: 'call_1', type: 'function', function: { name: 'get_weather', arguments: '{"city": "Paris"}' } },
            ],
          },
          { role: 'tool', tool_call_id: 'call_1', content: 'It rains.' },
        ],
        tools: [{ type: 'function', function: { name: 'get_weather', parameters: weather } }],
      },
    },
  },
  CompletionRequest: {
    text: { summary: 'A text to go on with', value: { model, prompt: 'Once upon a time', max_tokens: 64 } },
  },
  CompletionUpdate: { metadata: { summary: 'Other metadata', value: { metadata: { topic: 'weather' } } } },
  ConversationRequest: {
    items: {
      summary: 'A conversation that has begun',
      value: {
        metadata: { topic: 'weather' },
        items: [{ type: 'message', role: 'user', content: 'How is the weather in Paris?' }],
      },
    },
  },
  ConversationUpdate: { metadata: { summary: 'Other metadata', value: { metadata: { topic: 'rain' } } } },
  ConversationItems: {
    message: {
      summary: 'Something more that was said',
      value: { items: [{ type: 'message', role: 'user', content: 'And in Rome?' }] },
    },
  },
  PrefillRequest: {
    response: {
      summary: 'What would be sent to /v1/responses',
      value: { api: 'responses', body: { model, input: 'Why is the sky blue?' } },
    },
    chat: {
      summary: 'What would be sent to /v1/chat/completions',
      value: { api: 'chat', body: { model, messages: [{ role: 'user', content: 'Why is the sky blue?' }] } },
    },
  },
};
