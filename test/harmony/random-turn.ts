import type { Tool, ToolChoice, ToolReference, Turn, TurnItem } from '../../src/core/turn.ts';
import { randomSchema } from './random-schema.ts';
import { randomText, randomWord } from './random-text.ts';
import type { Random } from './random.ts';

export function randomTurn(random: Random): Turn {
  const tools = random.list(0, 4, () => randomTool(random));
  return {
    model: 'gpt-oss-20b',
    items: random.list(0, 10, () => randomItem(random, tools)),
    tools,
    toolChoice: randomChoice(random, tools),
    parallelToolCalls: random.chance(0.5),
    effort: random.pick(['none', 'low', 'medium', 'high']),
    format: random.pick([
      { type: 'text' },
      { type: 'text' },
      { type: 'json-object' },
      {
        type: 'json-schema',
        name: randomWord(random),
        description: random.chance(0.5) ? randomText(random) : null,
        schema: asRecord(randomSchema(random, 2)),
        strict: random.chance(0.5),
      },
    ]),
    maxOutputTokens: null,
    temperature: 1,
    stop: [],
    conversationKey: null,
  };
}

function randomReference(random: Random): ToolReference {
  return {
    type: random.pick(['function', 'function', 'custom']),
    name: randomWord(random),
    namespace: random.chance(0.7) ? null : random.pick(['docs', 'mcp__files', randomText(random)]),
  };
}

function randomTool(random: Random): Tool {
  const { type, name, namespace } = randomReference(random);
  const common = { name, namespace, description: random.chance(0.8) ? randomText(random) : null };
  if (type === 'function') {
    const parameters = random.chance(0.9) ? asRecord(randomSchema(random, 3)) : null;
    return { type, ...common, parameters, strict: random.chance(0.5) };
  }
  return {
    type,
    ...common,
    grammar: random.chance(0.5) ? { syntax: random.pick(['lark', 'regex']), definition: randomText(random) } : null,
  };
}

function anyReference(random: Random, tools: readonly Tool[]): ToolReference {
  return tools.length > 0 && random.chance(0.8) ? random.pick(tools) : randomReference(random);
}

function randomItem(random: Random, tools: readonly Tool[]): TurnItem {
  const callId = `call_${random.below(4)}`;
  switch (random.pick(['message', 'message', 'message', 'reasoning', 'tool-call', 'tool-output'] as const)) {
    case 'message': {
      const role = random.pick(['system', 'developer', 'user', 'user', 'assistant', 'assistant'] as const);
      const message = { type: 'message', role, text: randomText(random) } as const;
      return random.chance(0.7) ? message : { ...message, phase: random.pick(['commentary', 'final']) };
    }
    case 'reasoning':
      return { type: 'reasoning', text: randomText(random) };
    case 'tool-call':
      return { type: 'tool-call', callId, tool: anyReference(random, tools), input: randomText(random) };
    case 'tool-output':
      return { type: 'tool-output', callId, text: randomText(random) };
  }
}

function randomChoice(random: Random, tools: readonly Tool[]): ToolChoice {
  return random.pick<() => ToolChoice>([
    () => ({ type: 'auto' }),
    () => ({ type: 'auto' }),
    () => ({ type: 'none' }),
    () => ({ type: 'required' }),
    () => ({ type: 'named', tool: anyReference(random, tools) }),
    () => ({
      type: 'allowed',
      mode: random.pick(['auto', 'required']),
      tools: random.list(0, 3, () => anyReference(random, tools)),
    }),
  ])();
}

function asRecord(value: unknown): { readonly [keyword: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}
