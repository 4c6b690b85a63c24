import { describe, expect, it } from 'vitest';
import { refusalOf } from '../../support/refusal.ts';
import { open, question, weatherTool } from './turns.ts';

const withMessages = (...messages: unknown[]) => ({ model: 'm', messages });
const withCalls = (...tool_calls: unknown[]) => withMessages({ role: 'assistant', tool_calls });
const withFields = (fields: object) => ({ ...question, ...fields });

const missing = 'missing_required_parameter';
const type = 'invalid_type';
const value = 'invalid_value';
const orphan = 'tool_call_not_found';

/** A wrong request, the code and the `param` of its error. */
const wrong: readonly [string, unknown, string, string | null][] = [
  ['a body of null', null, type, null],
  ['a body that is an array', [], type, null],
  ['no model', { messages: question.messages }, missing, 'model'],
  ['a model without letters', { ...question, model: '' }, value, 'model'],
  ['no messages', { model: 'm' }, missing, 'messages'],
  ['messages that are a text', { model: 'm', messages: 'Hi' }, type, 'messages'],
  ['empty messages', withMessages(), value, 'messages'],
  ['a message that is a text', withMessages('Hi'), type, 'messages[0]'],
  ['a message without role', withMessages({ content: 'Hi' }), missing, 'messages[0].role'],
  ['an unknown role', withMessages(question.messages[0], { role: 'bot', content: 'Hi' }), value, 'messages[1].role'],
  ['a user who says nothing', withMessages({ role: 'user' }), missing, 'messages[0].content'],
  ['content that is a number', withMessages({ role: 'user', content: 5 }), type, 'messages[0].content'],
  ['a message of null', withMessages(null), type, 'messages[0]'],
  ['a part of null', withMessages({ role: 'user', content: [null] }), type, 'messages[0].content[0]'],
  ['a part that is a text', withMessages({ role: 'user', content: ['Hi'] }), type, 'messages[0].content[0]'],
  [
    'a part of the Responses API',
    withMessages({ role: 'user', content: [{ type: 'input_text', text: 'Hi' }] }),
    value,
    'messages[0].content[0].type',
  ],
  [
    'a part without its text',
    withMessages({ role: 'user', content: [{ type: 'text', text: 'Hi' }, { type: 'text' }] }),
    missing,
    'messages[0].content[1].text',
  ],
  [
    'a call without id',
    withCalls({ type: 'function', function: { name: 'f', arguments: '' } }),
    missing,
    'messages[0].tool_calls[0].id',
  ],
  [
    'arguments that are not a text',
    withCalls({ id: 'a', type: 'function', function: { name: 'f', arguments: {} } }),
    type,
    'messages[0].tool_calls[0].function.arguments',
  ],
  ['an output without its call id', withMessages({ role: 'tool', content: 'x' }), missing, 'messages[0].tool_call_id'],
  [
    'an output before its call',
    withMessages(
      { role: 'user', content: 'Hi' },
      { role: 'tool', tool_call_id: 'call_a', content: 'x' },
      { role: 'assistant', tool_calls: [{ id: 'call_a', type: 'function', function: { name: 'f', arguments: '' } }] },
    ),
    orphan,
    'messages[1].tool_call_id',
  ],
  [
    'an output whose call is lost, after a message of many items',
    withMessages(
      {
        role: 'assistant',
        reasoning_content: 'Think.',
        content: 'Look.',
        tool_calls: [{ id: 'call_a', type: 'function', function: { name: 'f', arguments: '' } }],
      },
      { role: 'tool', tool_call_id: 'call_b', content: 'x' },
    ),
    orphan,
    'messages[1].tool_call_id',
  ],
  [
    'an output of a function that was never called',
    withMessages(
      { role: 'assistant', function_call: { name: 'f', arguments: '' } },
      { role: 'function', name: 'g', content: 'x' },
    ),
    orphan,
    'messages[1].name',
  ],
  [
    'tools as the Responses API has them',
    withFields({ tools: [weatherTool, { type: 'function', name: 'f', parameters: {} }] }),
    value,
    'tools[1]',
  ],
  [
    'custom tools as the Responses API has them',
    withFields({ tools: [{ type: 'custom', name: 'f' }] }),
    value,
    'tools[0]',
  ],
  ['hosted tools', withFields({ tools: [{ type: 'web_search' }] }), value, 'tools[0].type'],
  ['a tool without anything', withFields({ tools: [{ type: 'function' }] }), missing, 'tools[0].function'],
  [
    'a name with a space',
    withFields({ tools: [{ type: 'function', function: { name: 'a b' } }] }),
    value,
    'tools[0].function.name',
  ],
  [
    'a name too long',
    withFields({ tools: [{ type: 'custom', custom: { name: 'x'.repeat(65) } }] }),
    value,
    'tools[0].custom.name',
  ],
  [
    'a grammar of no known syntax',
    withFields({
      tools: [
        {
          type: 'custom',
          custom: { name: 'x', format: { type: 'grammar', grammar: { syntax: 'bnf', definition: '' } } },
        },
      ],
    }),
    value,
    'tools[0].custom.format.grammar.syntax',
  ],
  ['a choice there is none of', withFields({ tool_choice: 'any' }), value, 'tool_choice'],
  ['a choice without tools', withFields({ tool_choice: 'required' }), value, 'tool_choice'],
  [
    'a choice of what is not declared',
    withFields({ tools: [weatherTool], tool_choice: { type: 'function', function: { name: 'get_time' } } }),
    value,
    'tool_choice.function.name',
  ],
  [
    'a choice of a custom tool that is a function',
    withFields({ tools: [weatherTool], tool_choice: { type: 'custom', custom: { name: 'get_weather' } } }),
    value,
    'tool_choice.custom.name',
  ],
  [
    'an allowed tool that is not declared',
    withFields({
      tools: [weatherTool],
      tool_choice: {
        type: 'allowed_tools',
        allowed_tools: { mode: 'auto', tools: [weatherTool, { type: 'function', function: { name: 'get_time' } }] },
      },
    }),
    value,
    'tool_choice.allowed_tools.tools[1].function.name',
  ],
  ['tools and function_call', withFields({ tools: [weatherTool], function_call: 'none' }), value, 'function_call'],
  ['functions and tool_choice', withFields({ functions: [{ name: 'f' }], tool_choice: 'auto' }), value, 'tool_choice'],
  ['a function_call without functions', withFields({ function_call: { name: 'g' } }), value, 'function_call.name'],
  ['tools and functions', withFields({ tools: [weatherTool], functions: [{ name: 'f' }] }), value, 'functions'],
  [
    'a function_call of what is not declared',
    withFields({ functions: [{ name: 'f' }], function_call: { name: 'g' } }),
    value,
    'function_call.name',
  ],
  ['a temperature too hot', withFields({ temperature: 2.1 }), value, 'temperature'],
  ['five stop texts', withFields({ stop: ['1', '2', '3', '4', '5'] }), value, 'stop'],
  ['a stop text that is none', withFields({ stop: ['1', 2] }), type, 'stop[1]'],
  ['a stop text of null', withFields({ stop: [null] }), type, 'stop[0]'],
  ['no tokens', withFields({ max_tokens: 0 }), value, 'max_tokens'],
  ['half a token', withFields({ max_completion_tokens: 1.5 }), type, 'max_completion_tokens'],
  ['an unknown effort', withFields({ reasoning_effort: 'huge' }), value, 'reasoning_effort'],
  ['an unknown format', withFields({ response_format: { type: 'xml' } }), value, 'response_format.type'],
  [
    'a schema without name',
    withFields({ response_format: { type: 'json_schema', json_schema: { schema: {} } } }),
    missing,
    'response_format.json_schema.name',
  ],
  [
    'a schema that is a text',
    withFields({ response_format: { type: 'json_schema', json_schema: { name: 'a', schema: 'x' } } }),
    type,
    'response_format.json_schema.schema',
  ],
  ['a temperature without end', withFields({ temperature: Infinity }), type, 'temperature'],
  ['a stream that is a text', withFields({ stream: 'yes' }), type, 'stream'],
];

describe('a wrong request is told what is wrong with it', () => {
  for (const [name, body, code, param] of wrong) {
    it(name, () => {
      const error = refusalOf(() => open(body));
      expect({ status: error.status, code: error.code, param: error.param }).toEqual({ status: 400, code, param });
      if (param !== null && code !== orphan) expect(error.message).toContain(`'${param}'`);
      // Words of zod's that nobody else knows.
      expect(error.message).not.toMatch(/\b(record|int)\b/);
    });
  }

  it('an orphan output is named by its call id', () => {
    const body = withMessages({ role: 'tool', tool_call_id: 'call_lost', content: 'x' });
    expect(refusalOf(() => open(body)).message).toContain("'call_lost'");
  });
});
