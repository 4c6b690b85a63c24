import type { CompletionUsage } from 'openai/resources/completions';
import type {
  ChatCompletionContentPart,
  ChatCompletionContentPartRefusal,
  ChatCompletionCreateParamsBase,
  ChatCompletionCustomTool,
  ChatCompletionMessageParam,
  ChatCompletionMessageToolCall,
  ChatCompletionTool,
  ChatCompletionToolChoiceOption,
} from 'openai/resources/chat/completions/completions';
import { describe, expect, it } from 'vitest';
import { completionUsage } from '../../../src/dialects/completion-usage.ts';
import { text, turn } from '../../support/turn-events.ts';
import { dataOf, open, question, run } from './turns.ts';

// What OpenAI's SDK lets its users write. A kind or a field that a newer SDK adds is missing here, and the types say so.

/** With every field that may be left out, and in them too. */
type Whole<T> = T extends readonly (infer Element)[]
  ? readonly Whole<Element>[]
  : T extends object
    ? { readonly [Key in keyof T]-?: Whole<NonNullable<T[Key]>> }
    : T;
type Kinds<Union, Tag extends keyof Union> = {
  readonly [Kind in Union[Tag] & string]: Whole<Extract<Union, { [Key in Tag]: Kind }>>;
};

const prompt_cache_breakpoint = { mode: 'explicit', ttl: '30m' } as const;
const parts: Kinds<ChatCompletionContentPart | ChatCompletionContentPartRefusal, 'type'> = {
  text: { type: 'text', text: 'Look.', prompt_cache_breakpoint },
  image_url: { type: 'image_url', image_url: { url: 'data:,', detail: 'low' }, prompt_cache_breakpoint },
  input_audio: { type: 'input_audio', input_audio: { data: 'AA==', format: 'wav' }, prompt_cache_breakpoint },
  file: { type: 'file', file: { file_data: 'AA==', file_id: 'file_1', filename: 'a.pdf' }, prompt_cache_breakpoint },
  refusal: { type: 'refusal', refusal: 'No.' },
};

const calls: Kinds<ChatCompletionMessageToolCall, 'type'> = {
  function: { type: 'function', id: 'call_a', function: { name: 'get_weather', arguments: '{}' } },
  custom: { type: 'custom', id: 'call_b', custom: { name: 'apply_patch', input: '*** Begin' } },
};

const messages: Kinds<ChatCompletionMessageParam, 'role'> = {
  developer: { role: 'developer', content: [parts.text], name: 'Ann' },
  system: { role: 'system', content: [parts.text], name: 'Ann' },
  user: { role: 'user', content: [parts.text, parts.image_url, parts.input_audio, parts.file], name: 'Ann' },
  assistant: {
    role: 'assistant',
    content: [parts.text, parts.refusal],
    refusal: 'Never.',
    audio: { id: 'audio_1' },
    name: 'Bob',
    tool_calls: [calls.function, calls.custom],
    function_call: { name: 'now', arguments: '{}' },
  },
  tool: { role: 'tool', tool_call_id: 'call_a', content: [parts.text] },
  function: { role: 'function', name: 'now', content: 'noon' },
};

const parameters = { type: 'object', properties: { city: { type: 'string' } } };
const customFormats: Kinds<NonNullable<ChatCompletionCustomTool.Custom['format']>, 'type'> = {
  text: { type: 'text' },
  grammar: { type: 'grammar', grammar: { syntax: 'lark', definition: 'start: "x"' } },
};
const get_weather = { name: 'get_weather', description: 'Weather of a place', parameters };
const tools: Kinds<ChatCompletionTool, 'type'> = {
  function: { type: 'function', function: { ...get_weather, strict: true } },
  custom: {
    type: 'custom',
    custom: { name: 'apply_patch', description: 'Changes files', format: customFormats.grammar },
  },
};
const plainCustomTool = { ...tools.custom, custom: { name: 'apply_patch', format: customFormats.text } };

const chosen = {
  function: { type: 'function', function: { name: 'get_weather' } },
  custom: { type: 'custom', custom: { name: 'apply_patch' } },
} as const;
const words: { readonly [Word in Extract<ChatCompletionToolChoiceOption, string>]: Word } = {
  none: 'none',
  auto: 'auto',
  required: 'required',
};
const choices: Kinds<Exclude<ChatCompletionToolChoiceOption, string>, 'type'> = {
  ...chosen,
  allowed_tools: {
    type: 'allowed_tools',
    allowed_tools: { mode: 'required', tools: [chosen.function, chosen.custom] },
  },
};

const formats: Kinds<NonNullable<ChatCompletionCreateParamsBase['response_format']>, 'type'> = {
  text: { type: 'text' },
  json_object: { type: 'json_object' },
  json_schema: {
    type: 'json_schema',
    json_schema: { name: 'answer', description: 'An answer', schema: parameters, strict: true },
  },
};

const efforts: { readonly [Effort in NonNullable<ChatCompletionCreateParamsBase['reasoning_effort']>]: Effort } = {
  none: 'none',
  minimal: 'minimal',
  low: 'low',
  medium: 'medium',
  high: 'high',
  xhigh: 'xhigh',
  max: 'max',
};

type Form = {
  readonly what: string;
  readonly fields: { readonly [field in keyof ChatCompletionCreateParamsBase]?: unknown };
  /** The path of what says no more than its absence would. */
  readonly usual?: string | false;
};

const bothTools = [tools.function, tools.custom];
const forms: readonly Form[] = [
  { what: 'messages of every role', fields: { messages: Object.values(messages) } },
  {
    what: 'tools of every type',
    fields: { tools: [...bothTools, plainCustomTool] },
    usual: 'tools.2.custom.format',
  },
  ...[...Object.values(words), ...Object.values(choices)].map((tool_choice) => ({
    what: `the tool choice ${JSON.stringify(tool_choice)}`,
    fields: { tools: bothTools, tool_choice },
    usual: tool_choice === 'auto' && 'tool_choice',
  })),
  { what: 'functions', fields: { functions: [get_weather], function_call: { name: 'get_weather' } } },
  ...Object.values(formats).map((response_format) => ({
    what: `the format ${response_format.type}`,
    fields: { response_format },
    usual: response_format.type === 'text' && 'response_format',
  })),
  ...Object.values(efforts).map((reasoning_effort) => ({
    what: `the effort ${reasoning_effort}`,
    fields: { reasoning_effort },
    usual: reasoning_effort === 'medium' && 'reasoning_effort',
  })),
  {
    what: 'options of streams',
    fields: { stream: true, stream_options: { include_usage: true, include_obfuscation: true } },
  },
];

type Path = readonly (string | number)[];

/** Where members of objects are, at any depth, but not what is inside of JSON Schemas. */
function pathsIn(value: unknown, way: Path = []): Path[] {
  if (Array.isArray(value)) return value.flatMap((element, index) => pathsIn(element, [...way, index]));
  if (typeof value !== 'object' || value === null || value === parameters) return [];
  return Object.entries(value).flatMap(([key, member]) => [[...way, key], ...pathsIn(member, [...way, key])]);
}

function without(value: unknown, [key, ...rest]: Path): unknown {
  if (Array.isArray(value)) return value.with(key as number, without(value[key as number], rest));
  const { [key as string]: member, ...others } = value as Record<string, unknown>;
  return rest.length === 0 ? others : { ...others, [key!]: without(member, rest) };
}

/** Everything that comes of a request, the log's words included. */
function outcomeOf(body: object): unknown {
  try {
    const { answer, ...exchange } = open(body);
    return { ...exchange, data: dataOf(run(answer(), turn('stop', text('final', 'Hi')))) };
  } catch (error) {
    return String(error);
  }
}

/** What is said about it lies with the field that it is in. */
const inside = /\.(image_url\.detail|input_audio\.format|file\.\w+|prompt_cache_breakpoint\.\w+)$/;

describe('every form that the SDK has', () => {
  for (const { what, fields, usual = false } of forms) {
    const body = { ...question, ...fields };
    it(`is taken: ${what}`, () => {
      expect(() => open(body)).not.toThrow();
    });

    it(`has no field that is passed over in silence: ${what}`, () => {
      const outcome = JSON.stringify(outcomeOf(body));
      const silent = pathsIn(fields)
        .filter((path) => JSON.stringify(outcomeOf(without(body, path) as object)) === outcome)
        .map((path) => path.join('.'));
      expect(silent.filter((path) => !inside.test(path))).toEqual(usual === false ? [] : [usual]);
    });
  }

  it('is counted in all of its details', () => {
    const usage: Whole<CompletionUsage> = completionUsage({
      inputTokens: 10,
      cachedTokens: 4,
      outputTokens: 5,
      reasoningTokens: 2,
    });
    expect(usage).toEqual({
      prompt_tokens: 10,
      completion_tokens: 5,
      total_tokens: 15,
      prompt_tokens_details: {
        cached_tokens: 4,
        cache_write_tokens: 0,
        text_tokens: 10,
        audio_tokens: 0,
        image_tokens: 0,
      },
      completion_tokens_details: {
        reasoning_tokens: 2,
        text_tokens: 3,
        audio_tokens: 0,
        accepted_prediction_tokens: 0,
        rejected_prediction_tokens: 0,
      },
    });
  });
});
