import type { HarmonyContent, HarmonyMessage, ToolNamespace } from '../../src/harmony/message.ts';
import { randomSchema } from './random-schema.ts';
import { randomText, randomWord } from './random-text.ts';
import type { Random } from './random.ts';

export function randomMessages(random: Random): HarmonyMessage[] {
  return random.list(0, 6, () => randomMessage(random));
}

function randomMessage(random: Random): HarmonyMessage {
  const role = random.pick(['system', 'developer', 'user', 'assistant', 'assistant', 'assistant', 'tool'] as const);
  const named = role === 'tool' || random.chance(0.1);
  return {
    role,
    name: named ? random.pick([`functions.${randomWord(random)}`, randomText(random)]) : null,
    recipient: random.chance(0.3)
      ? random.pick([`functions.${randomWord(random)}`, 'all', 'assistant', randomText(random)])
      : null,
    channel: random.chance(0.7) ? random.pick(['analysis', 'commentary', 'final', 'final', randomText(random)]) : null,
    contentType: random.chance(0.2)
      ? random.pick([
          '<|constrain|>json',
          '<|constrain|>',
          'json',
          'code',
          `<|constrain|>${randomText(random)}`,
          randomText(random),
        ])
      : null,
    content: random.list(random.chance(0.9) ? 1 : 0, random.chance(0.9) ? 1 : 3, () => randomContent(random, role)),
  };
}

function randomContent(random: Random, role: HarmonyMessage['role']): HarmonyContent {
  const text = { type: 'text', text: randomText(random) } as const;
  if (random.chance(0.15)) return text;
  switch (role) {
    case 'user':
    case 'assistant':
    case 'tool':
      return text;
    case 'system':
      return {
        type: 'system',
        system: {
          modelIdentity: maybe(random, 0.8, randomText),
          reasoningEffort: maybe(random, 0.8, () => random.pick(['low', 'medium', 'high'])),
          conversationStartDate: maybe(random, 0.4, () => random.pick(['2026-01-01', randomText(random)])),
          knowledgeCutoff: maybe(random, 0.7, () => random.pick(['2024-06', randomText(random)])),
          channels: maybe(random, 0.8, () => ({
            valid: random.list(0, 3, () => random.pick(['analysis', 'commentary', 'final', randomText(random)])),
            required: random.chance(0.7),
          })),
          tools: random.chance(0.3) ? randomNamespaces(random) : [],
        },
      };
    case 'developer':
      return {
        type: 'developer',
        developer: {
          instructions: maybe(random, 0.7, randomText),
          tools: random.chance(0.8) ? randomNamespaces(random) : [],
        },
      };
  }
}

function randomNamespaces(random: Random): ToolNamespace[] {
  return random.list(0, random.chance(0.8) ? 1 : 4, () => ({
    name: random.pick(['functions', 'functions', 'browser', 'Zed', '_', '\uffee', '😀', randomText(random)]),
    description: maybe(random, 0.3, randomText),
    tools: random.list(0, 3, () => ({
      name: randomWord(random),
      description: randomText(random),
      parameters: maybe(random, 0.9, () => {
        const schema = randomSchema(random, 4);
        return isRecord(schema) ? schema : null;
      }),
    })),
  }));
}

function isRecord(value: unknown): value is { readonly [keyword: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function maybe<T>(random: Random, probability: number, make: (random: Random) => T): T | null {
  return random.chance(probability) ? make(random) : null;
}
