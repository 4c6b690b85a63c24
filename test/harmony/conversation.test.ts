import { describe, expect, test } from 'vitest';
import type { Turn } from '../../src/core/turn.ts';
import { conversationOf } from '../../src/harmony/conversation.ts';
import { completionSegments } from '../../src/harmony/render.ts';
import { harmonyText } from './harmony-text.ts';
import {
  assistant,
  call,
  customTool,
  developer,
  functionTool,
  output,
  settings,
  system,
  thought,
  turn,
  user,
} from './turns.ts';

/** The whole rendering, a message a line. */
function rendered(changes: Partial<Turn>): string {
  const conversation = conversationOf(turn(changes), settings);
  return harmonyText(completionSegments(conversation.messages, conversation))
    .replaceAll('<|start|>', '\n<|start|>')
    .trim();
}

/** What comes behind the system message. */
function afterSystem(changes: Partial<Turn>): string {
  return rendered(changes).split('<|end|>\n').slice(1).join('<|end|>\n');
}

describe('the front of a conversation', () => {
  test('is the system message that the models were trained on', () => {
    expect(rendered({})).toBe(`<|start|>system<|message|>You are ChatGPT, a large language model trained by OpenAI.
Knowledge cutoff: 2024-06
Current date: 2026-01-01

Reasoning: medium

# Valid channels: analysis, commentary, final. Channel must be included for every message.<|end|>
<|start|>user<|message|>hi<|end|>
<|start|>assistant`);
  });

  test('says no date and no cutoff when there is none', () => {
    const conversation = conversationOf(turn(), { ...settings, date: null, knowledgeCutoff: null });
    expect(harmonyText(completionSegments(conversation.messages))).toMatch(/trained by OpenAI\.\n\nReasoning: medium/);
  });

  test('names the effort, and the lowest one for none at all', () => {
    expect(rendered({ effort: 'high' })).toContain('\nReasoning: high\n');
    expect(rendered({ effort: 'low' })).toContain('\nReasoning: low\n');
    expect(rendered({ effort: 'none' })).toContain('\nReasoning: low\n');
  });

  test('joins leading system and developer messages into the instructions', () => {
    const items = [system('Be brief.'), developer(''), developer('Be kind.'), user('hi')];
    expect(afterSystem({ items })).toBe(
      '<|start|>developer<|message|># Instructions\n\nBe brief.\n\nBe kind.<|end|>\n<|start|>user<|message|>hi<|end|>\n<|start|>assistant',
    );
  });

  test('has instructions, tools and response format in this order in one developer message', () => {
    const text = afterSystem({
      items: [developer('Be brief.'), user('hi')],
      tools: [functionTool('f', { description: 'Does it.', parameters: { type: 'object', properties: {} } })],
      format: {
        type: 'json-schema',
        name: 'answer',
        description: 'How to answer.\nReally.',
        schema: { type: 'object', properties: { b: { type: 'string' }, a: { type: 'number' } } },
        strict: true,
      },
    });
    expect(text).toBe(`<|start|>developer<|message|># Instructions

Be brief.

# Tools

## functions

namespace functions {

// Does it.
type f = (_: {
}) => any;

} // namespace functions

# Response Formats

## answer

// How to answer.
// Really.
{"type":"object","properties":{"b":{"type":"string"},"a":{"type":"number"}}}<|end|>
<|start|>user<|message|>hi<|end|>
<|start|>assistant`);
  });

  test('asks for JSON also when nothing else is to be said', () => {
    expect(afterSystem({ format: { type: 'json-object' } })).toMatch(
      /^<\|start\|>developer<\|message\|># Response Formats\n\nThe final answer is one JSON object .*<\|end\|>\n/,
    );
  });

  test('sends calls to the commentary channel when there are functions', () => {
    const line = "Calls to these tools must go to the commentary channel: 'functions'.";
    expect(rendered({ tools: [functionTool('f')] })).toContain(line);
    expect(rendered({ tools: [] })).not.toContain(line);
    expect(rendered({ tools: [functionTool('f')], toolChoice: { type: 'none' } })).not.toContain(line);
  });
});

describe('what was said before', () => {
  test('stands in its order, later developer messages included', () => {
    const items = [developer('a'), user('b'), assistant('c'), system('d'), developer(''), user('e')];
    expect(afterSystem({ items })).toBe(
      [
        '<|start|>developer<|message|># Instructions\n\na<|end|>',
        '<|start|>user<|message|>b<|end|>',
        '<|start|>assistant<|channel|>final<|message|>c<|end|>',
        '<|start|>developer<|message|># Instructions\n\nd<|end|>',
        '<|start|>user<|message|>e<|end|>',
        '<|start|>assistant',
      ].join('\n'),
    );
  });

  test('shows thoughts, calls and outputs of an open turn', () => {
    const items = [
      user('weather?'),
      thought('need the tool'),
      assistant('I look.', 'commentary'),
      call('1', 'get_weather', '{ "city":"Paris" }'),
      output('1', '{"c": 20}'),
    ];
    expect(afterSystem({ items })).toBe(
      [
        '<|start|>user<|message|>weather?<|end|>',
        '<|start|>assistant<|channel|>analysis<|message|>need the tool<|end|>',
        '<|start|>assistant<|channel|>commentary<|message|>I look.<|end|>',
        '<|start|>assistant to=functions.get_weather<|channel|>commentary <|constrain|>json<|message|>{ "city":"Paris" }<|call|>',
        '<|start|>functions.get_weather to=assistant<|channel|>commentary<|message|>{"c": 20}<|end|>',
        '<|start|>assistant',
      ].join('\n'),
    );
  });

  test('leaves out the thoughts before the first final answer, and keeps them out when a tool is called later', () => {
    const answered = [user('a'), thought('first thought'), assistant('A'), user('b')];
    expect(rendered({ items: answered })).not.toContain('analysis<|message|>');
    const calling = [...answered, thought('second thought'), call('1', 'f', '{}'), output('1', 'ok')];
    expect(rendered({ items: calling })).not.toContain('first thought');
    expect(rendered({ items: calling })).toContain('<|channel|>analysis<|message|>second thought<|end|>');
  });

  test('shows thoughts after an empty answer, which is none', () => {
    const items = [user('a'), thought('a thought'), assistant(''), call('1', 'f', '{}')];
    expect(rendered({ items })).toContain('<|channel|>analysis<|message|>a thought');
    expect(rendered({ items: [...items.slice(0, 3), user('b')] })).toContain('<|channel|>analysis<|message|>a thought');
  });

  test('takes what the assistant says right before a call for commentary', () => {
    expect(rendered({ items: [user('a'), assistant('Let me see.'), thought('t'), call('1', 'f', '{}')] })).toContain(
      '<|channel|>commentary<|message|>Let me see.',
    );
    expect(rendered({ items: [user('a'), assistant('Done.'), user('b')] })).toContain(
      '<|channel|>final<|message|>Done.',
    );
    expect(rendered({ items: [user('a'), assistant('Done.', 'final'), call('1', 'f', '{}')] })).toContain(
      '<|channel|>final<|message|>Done.',
    );
  });

  test('has no empty messages, except of the user', () => {
    expect(afterSystem({ items: [user(''), thought(''), assistant(''), developer('')] })).toBe(
      '<|start|>user<|message|><|end|>\n<|start|>assistant',
    );
  });

  test('puts the outputs of parallel calls behind their calls', () => {
    const items = [
      user('a'),
      call('1', 'x', '1'),
      call('2', 'y', '2'),
      output('2', 'second'),
      output('1', 'first'),
      user('b'),
    ];
    expect(afterSystem({ items })).toBe(
      [
        '<|start|>user<|message|>a<|end|>',
        '<|start|>assistant to=functions.x<|channel|>commentary <|constrain|>json<|message|>1<|call|>',
        '<|start|>functions.x to=assistant<|channel|>commentary<|message|>first<|end|>',
        '<|start|>assistant to=functions.y<|channel|>commentary <|constrain|>json<|message|>2<|call|>',
        '<|start|>functions.y to=assistant<|channel|>commentary<|message|>second<|end|>',
        '<|start|>user<|message|>b<|end|>',
        '<|start|>assistant',
      ].join('\n'),
    );
  });

  test('leaves an output behind the user message that came before it', () => {
    const text = afterSystem({ items: [call('1', 'x', '{}'), user('still there?'), output('1', 'yes')] });
    expect(text.indexOf('still there?')).toBeLessThan(text.indexOf('functions.x to=assistant'));
  });

  test('gives an output to the latest call of its id', () => {
    const items = [call('1', 'x', '{}'), output('1', 'a'), user('u'), call('1', 'y', '{}'), output('1', 'b')];
    expect(rendered({ items })).toContain('<|start|>functions.x to=assistant<|channel|>commentary<|message|>a');
    expect(rendered({ items })).toContain('<|start|>functions.y to=assistant<|channel|>commentary<|message|>b');
  });

  test('renders an output that nobody asked for', () => {
    expect(rendered({ items: [output('9', 'lost')] })).toContain('<|start|>functions.unknown to=assistant');
  });

  test('renders calls of tools that are gone', () => {
    expect(rendered({ items: [call('1', 'old tool', '{}', { namespace: 'ns' })] })).toContain(
      'to=functions.ns__old_tool<',
    );
  });
});

describe('tools', () => {
  test('keep the order of the caller, and of two with one name the first counts', () => {
    const named = (name: string, description: string) => functionTool(name, { description });
    const tools = [named('b', 'first'), functionTool('a'), named('b', 'second')];
    const text = rendered({ tools });
    expect(text.match(/type \w+ = /g)).toEqual(['type b = ', 'type a = ']);
    expect(text).toContain('// first\ntype b');
    expect(conversationOf(turn({ tools }), settings).toolNames.toolOf('functions.b')).toBe(tools[0]);
  });

  test('of free text are functions with one input, grammar and all', () => {
    const text = rendered({
      tools: [
        customTool('apply_patch', {
          description: 'Edits files.',
          grammar: { syntax: 'lark', definition: 'start: "a"\nb: "c"' },
        }),
        customTool('exec', { grammar: { syntax: 'regex', definition: '^ls' } }),
      ],
      items: [user('a'), call('1', 'apply_patch', '*** "Begin"\n', { type: 'custom' })],
    });
    expect(text).toContain(`// Edits files.
//${' '}
// \`input\` must match this Lark grammar:
// start: "a"
// b: "c"
type apply_patch = (_: {
// The whole input of the tool, as plain text.
input: string,
}) => any;

// \`input\` must match this regular expression:
// ^ls
type exec = (_: {`);
    expect(text).toContain(
      'to=functions.apply_patch<|channel|>commentary <|constrain|>json<|message|>{"input":"*** \\"Begin\\"\\n"}<|call|>',
    );
  });

  test('of a namespace carry its name', () => {
    const search = functionTool('search', { namespace: 'docs' });
    expect(rendered({ tools: [search] })).toContain('\ntype docs__search = () => any;');
  });

  test('may be called python, browser or final', () => {
    const tools = ['python', 'browser', 'final'].map((name) => functionTool(name));
    const items = [user('a'), call('1', 'python', 'x')];
    expect(rendered({ tools, items })).toContain('<|start|>assistant to=functions.python<|channel|>commentary');
    expect(rendered({ tools, items })).toContain('type final = () => any;');
  });
});

describe('a tool choice', () => {
  const tools = [functionTool('a'), functionTool('b')];
  const reference = { type: 'function', name: 'a', namespace: null } as const;
  const last = (changes: Partial<Turn>) =>
    rendered({ tools, ...changes })
      .split('\n<|start|>')
      .at(-2);

  test('of none takes the tools away', () => {
    expect(rendered({ tools, toolChoice: { type: 'none' } })).not.toContain('# Tools');
  });

  test('of auto says nothing', () => {
    expect(last({ toolChoice: { type: 'auto' } })).toBe('user<|message|>hi<|end|>');
  });

  test('that restricts stands at the end, behind all that the engine may still hold', () => {
    expect(last({ toolChoice: { type: 'required' } })).toMatch(
      /^developer<\|message\|># Instructions\n\n.*must be a function call/,
    );
    expect(last({ toolChoice: { type: 'named', tool: reference } })).toContain('must be a call of functions.a.');
    const allowed = { type: 'allowed', mode: 'auto', tools: [reference] } as const;
    expect(last({ toolChoice: allowed })).toContain('Only these functions may be called now: functions.a.');
    expect(last({ toolChoice: { ...allowed, mode: 'required' } })).toContain('must be a call of one of them');
    expect(last({ toolChoice: { ...allowed, tools: [] } })).toContain('No function may be called now.');
    expect(rendered({ tools, toolChoice: allowed })).toContain('type b = () => any;');
  });
});

describe('an effort of none', () => {
  test('opens the final channel', () => {
    const conversation = conversationOf(turn({ effort: 'none' }), settings);
    expect(conversation.primeFinal).toBe(true);
    expect(harmonyText(completionSegments(conversation.messages, conversation))).toMatch(
      /<\|start\|>assistant<\|channel\|>final<\|message\|>$/,
    );
  });

  test('leaves the channel to the model while it has tools to call', () => {
    const tools = [functionTool('a')];
    expect(conversationOf(turn({ effort: 'none', tools }), settings).primeFinal).toBe(false);
    expect(conversationOf(turn({ effort: 'none', tools, toolChoice: { type: 'none' } }), settings).primeFinal).toBe(
      true,
    );
  });

  test('is the only one that does', () => {
    for (const effort of ['low', 'medium', 'high'] as const) {
      expect(conversationOf(turn({ effort }), settings).primeFinal).toBe(false);
    }
  });
});
