import { parseScript } from '../../src/simulator/script-schema.ts';

/**
 * The cases of the Open Responses compliance tests (github openresponses/openresponses, `bun run test:compliance`), asked
 * for here with the same fields. Its two optional ones need a vector store and a web search, which a local gateway has not.
 */
export type ComplianceCase = {
  /** As it is called there. */
  readonly id: string;
  readonly stream: boolean;
  /** One request, or a second one that is made of the first one's response. */
  readonly requests: readonly ((before: ResponseObject | null) => object)[];
  /** The type of an item that the last response must have, beside being completed. */
  readonly item: 'message' | 'function_call';
};

export type ResponseObject = {
  readonly id: string;
  readonly status: string;
  readonly output: readonly { readonly type: string; readonly [field: string]: unknown }[];
};

const says = (role: string, content: unknown) => ({ type: 'message', role, content });
const asks = (...input: object[]) => [() => ({ input })];

const weatherTool = {
  type: 'function',
  name: 'get_weather',
  description: 'Says how the weather is somewhere',
  parameters: {
    type: 'object',
    properties: { location: { type: 'string', description: 'City and state' } },
    required: ['location'],
  },
};
const weather = [() => ({ input: [says('user', 'How is the weather in San Francisco?')], tools: [weatherTool] })];

/** A PNG of one pixel, and the shortest thing that calls itself a PDF. */
const image =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const file = 'data:application/pdf;base64,JVBERi0xLjEKJSVFT0Y=';

/** What a model does by itself, the simulator has to be told. */
export const complianceScript = parseScript({
  rules: [
    {
      when: { contains: 'How is the weather', calls: 0 },
      do: [{ think: 'I ask the tool.' }, { call: 'get_weather {"location": "San Francisco, CA"}' }],
    },
  ],
});

export const complianceCases: readonly ComplianceCase[] = [
  { id: 'basic-response', stream: false, item: 'message', requests: asks(says('user', 'Greet me in three words.')) },
  { id: 'streaming-response', stream: true, item: 'message', requests: asks(says('user', 'Count to five.')) },
  {
    id: 'system-prompt',
    stream: false,
    item: 'message',
    requests: asks(says('system', 'Talk like a pirate.'), says('user', 'Say hello.')),
  },
  { id: 'tool-calling', stream: false, item: 'function_call', requests: weather },
  { id: 'tool-calling-streaming', stream: true, item: 'function_call', requests: weather },
  {
    id: 'function-call-roundtrip',
    stream: false,
    item: 'message',
    requests: [
      () => ({
        input: 'Ask the tool for the weather in San Francisco.',
        tools: [weatherTool],
        tool_choice: { type: 'function', name: 'get_weather' },
      }),
      (before) => ({
        tools: [weatherTool],
        input: [
          says('user', 'Ask the tool for the weather in San Francisco.'),
          ...before!.output,
          ...before!.output.flatMap(({ type, call_id }) =>
            type === 'function_call' ? [{ type: 'function_call_output', call_id, output: '{"celsius":18}' }] : [],
          ),
        ],
      }),
    ],
  },
  {
    id: 'image-input',
    stream: false,
    item: 'message',
    requests: asks(
      says('user', [
        { type: 'input_text', text: 'What is in this image?' },
        { type: 'input_image', image_url: image },
      ]),
    ),
  },
  {
    id: 'file-input',
    stream: false,
    item: 'message',
    requests: asks(
      says('user', [
        { type: 'input_text', text: 'What is the title of this file?' },
        { type: 'input_file', filename: 'title.pdf', file_data: file },
      ]),
    ),
  },
  {
    id: 'multi-turn',
    stream: false,
    item: 'message',
    requests: asks(
      says('user', 'I am Alice.'),
      says('assistant', 'Hello Alice! What can I do for you?'),
      says('user', 'Who am I?'),
    ),
  },
  {
    id: 'previous-response-id',
    stream: false,
    item: 'message',
    requests: [
      () => ({ input: 'Keep the word papaya in mind, and say OK.' }),
      (before) => ({ previous_response_id: before!.id, input: 'Which word was it?' }),
    ],
  },
];
