import { createChatClient, createFollowingClient, createResponsesClient } from './api-clients.ts';
import type { ApiClient } from './api-clients.ts';
import type { Step } from './conversations.ts';
import type { Reason } from './prefix-losses.ts';
import type { Random } from './random.ts';
import {
  alone,
  call,
  chatTools,
  final,
  jsonAnswer,
  opening,
  responseFormat,
  responsesTools,
  shell,
  talk,
  text,
  withNamespaces,
  words,
} from './talk.ts';

/** A way in which clients hold conversations. */
export type Shape = {
  readonly name: string;
  readonly clients: () => ApiClient[];
  readonly steps: (random: Random) => Step[];
  /** How many conversations are tried; absent: as many as of the others. */
  readonly tried?: number;
  /** What may be lost in it, and is, sooner or later. */
  readonly losses: readonly Reason[];
};

const basePrompt = `You are a coding agent. ${words.join(' ')}.`;

function openLikeCodex(client: ApiClient): void {
  client.say('developer', basePrompt);
  client.say('user', '<environment_context>\n  <cwd>/home/you</cwd>\n  <shell>zsh</shell>\n</environment_context>');
}

const codexFields = {
  tools: responsesTools,
  tool_choice: 'auto',
  parallel_tool_calls: true,
  reasoning: { effort: 'medium', summary: 'auto' },
  include: ['reasoning.encrypted_content'],
  prompt_cache_key: 'thread-1',
};

const codex = () => [createResponsesClient({ thoughts: true, phases: true })];
const plainResponses = () => [createResponsesClient({ thoughts: false, phases: false })];
const chat = () => [createChatClient({ thoughts: false })];

export const shapes: readonly Shape[] = [
  {
    name: 'plain chat',
    clients: chat,
    steps: (random) => talk(random, { fields: {} }),
    losses: ['unsent-analysis', 'final-return'],
  },
  {
    name: 'plain chat without thinking',
    clients: chat,
    steps: (random) => talk(random, { fields: { reasoning_effort: 'none' }, thinks: 0 }),
    losses: ['final-return'],
  },
  {
    name: 'plain Responses, thoughts sent back',
    clients: codex,
    steps: (random) => talk(random, { fields: { instructions: 'Be brief.' } }),
    losses: ['dropped-analysis', 'final-return'],
  },
  {
    name: 'Codex',
    clients: codex,
    steps: (random) => opening(talk(random, { fields: codexFields, recipients: withNamespaces }), openLikeCodex),
    losses: ['call-header', 'dropped-analysis', 'final-return'],
  },
  {
    name: 'Codex of before phases, with instructions',
    clients: () => [createResponsesClient({ thoughts: true, phases: false })],
    steps: (random) =>
      talk(random, { fields: { ...codexFields, instructions: basePrompt }, recipients: withNamespaces }),
    losses: ['call-header', 'dropped-analysis', 'final-return'],
  },
  {
    name: 'Codex with an output schema',
    clients: codex,
    steps: (random) =>
      opening(
        talk(random, {
          fields: { ...codexFields, text: responseFormat('codex_output_schema') },
          recipients: withNamespaces,
          answer: jsonAnswer,
        }),
        openLikeCodex,
      ),
    losses: ['call-header', 'dropped-analysis', 'final-return'],
  },
  {
    name: 'Responses, thoughts not sent back',
    clients: plainResponses,
    steps: (random) => talk(random, { fields: { tools: responsesTools }, recipients: withNamespaces }),
    losses: ['call-header', 'dropped-analysis', 'unsent-analysis', 'final-return'],
  },
  {
    name: 'Responses that follow on stored ones, also after midnight',
    clients: () => [createFollowingClient()],
    steps: (random) =>
      opening(
        talk(random, { fields: { tools: responsesTools }, recipients: withNamespaces, developer: 0.2 }),
        (client) => client.say('developer', basePrompt),
      ).map((step) => ({ ...step, days: random.below(2) })),
    losses: ['call-header', 'dropped-analysis', 'final-return'],
  },
  {
    name: 'Chat Completions with tools',
    clients: chat,
    steps: (random) => talk(random, { fields: { tools: chatTools }, recipients: alone }),
    losses: ['call-header', 'dropped-analysis', 'unsent-analysis', 'final-return'],
  },
  {
    name: 'Chat Completions with tools, thoughts sent back',
    clients: () => [createChatClient({ thoughts: true })],
    steps: (random) => talk(random, { fields: { tools: chatTools }, recipients: alone }),
    losses: ['call-header', 'dropped-analysis', 'final-return'],
  },
  {
    name: 'Chat Completions with tools and JSON answers',
    clients: chat,
    steps: (random) =>
      talk(random, {
        fields: {
          tools: chatTools,
          response_format: { type: 'json_schema', json_schema: responseFormat('answer').format },
        },
        recipients: alone,
        answer: jsonAnswer,
      }),
    losses: ['call-header', 'dropped-analysis', 'unsent-analysis', 'final-return'],
  },
  {
    name: 'developer messages on the way (Responses)',
    clients: codex,
    steps: (random) =>
      opening(talk(random, { fields: codexFields, recipients: withNamespaces, developer: 0.6 }), openLikeCodex),
    losses: ['call-header', 'dropped-analysis', 'final-return'],
  },
  {
    name: 'developer messages on the way (Chat Completions)',
    clients: chat,
    steps: (random) => talk(random, { fields: { tools: chatTools }, recipients: alone, developer: 0.6 }),
    losses: ['call-header', 'dropped-analysis', 'unsent-analysis', 'final-return'],
  },
  {
    name: 'a tool choice that changes',
    clients: codex,
    steps: (random) =>
      talk(random, { fields: codexFields, recipients: ['functions.exec_command'] }).map((step) => {
        const calls = step.scripts[0]!.some((said) => 'recipient' in said);
        const shellOnly = { type: 'function', name: 'exec_command' };
        const choice = random.pick(
          calls
            ? ['auto', 'required', shellOnly, { type: 'allowed_tools', mode: 'required', tools: [shellOnly] }]
            : ['auto', { type: 'allowed_tools', mode: 'auto', tools: [shellOnly] }],
        );
        return { ...step, fields: { ...step.fields, tool_choice: choice } };
      }),
    losses: ['tool-choice', 'call-header', 'dropped-analysis', 'final-return'],
  },
  {
    name: 'tools withheld from the answer',
    clients: codex,
    steps: (random) =>
      talk(random, { fields: codexFields, recipients: alone }).map((step) => {
        const calls = step.scripts[0]!.some((said) => 'recipient' in said);
        return { ...step, fields: { ...step.fields, tool_choice: calls ? 'auto' : 'none' } };
      }),
    losses: ['tools-withheld', 'call-header', 'dropped-analysis', 'final-return'],
  },
  {
    name: 'settings that change',
    clients: codex,
    steps: (random) =>
      talk(random, { fields: codexFields, recipients: alone, answer: jsonAnswer }).map((step) => {
        const change = random.pick([
          {},
          { reasoning: { effort: 'high' } },
          { tools: responsesTools.slice(0, 3) },
          { text: responseFormat('answer') },
        ]);
        return { ...step, fields: { ...step.fields, ...change } };
      }),
    losses: ['changed-effort', 'changed-tools', 'changed-format', 'call-header', 'dropped-analysis', 'final-return'],
  },
  {
    name: 'midnight between turns',
    clients: codex,
    steps: (random) =>
      opening(talk(random, { fields: codexFields, recipients: alone }), openLikeCodex).map((step) => ({
        ...step,
        days: random.below(2),
      })),
    losses: ['call-header', 'dropped-analysis', 'final-return'],
  },
  {
    name: 'midnight between turns, no conversation key',
    clients: chat,
    steps: (random) => talk(random, { fields: {} }).map((step) => ({ ...step, days: random.below(2) })),
    losses: ['unsent-analysis', 'final-return'],
  },
  {
    name: 'tools declared several times',
    clients: chat,
    steps: (random) =>
      talk(random, { fields: { tools: [...chatTools, chatTools[0], ...chatTools] }, recipients: alone }),
    losses: ['call-header', 'dropped-analysis', 'unsent-analysis', 'final-return'],
  },
  {
    name: 'Codex of before phases, and a gateway that is restarted',
    clients: () => [createResponsesClient({ thoughts: true, phases: false })],
    steps: (random) =>
      talk(random, { fields: codexFields, recipients: withNamespaces }).map((step) => ({
        ...step,
        restarted: random.chance(0.5),
      })),
    losses: ['call-header', 'dropped-analysis', 'final-return'],
  },
  {
    name: 'answers that are lost, and asked for again',
    clients: codex,
    steps: (random) =>
      opening(talk(random, { fields: codexFields, recipients: alone }), openLikeCodex).flatMap((step) =>
        random.chance(0.4)
          ? [
              { ...step, lost: true },
              { ...step, before: () => {} },
            ]
          : [step],
      ),
    losses: ['retry', 'call-header', 'dropped-analysis', 'final-return'],
  },
  {
    name: 'answers that fail their check',
    clients: codex,
    // Every turn compiles its strict schemas.
    tried: 4,
    steps: (random) => {
      const strictShell = { type: 'function', ...shell, strict: true };
      const fields = { ...codexFields, tools: [strictShell], text: responseFormat('answer', true) };
      const steps = talk(random, { fields, recipients: ['functions.exec_command'], answer: jsonAnswer });
      return steps.map((step) => {
        const [script = []] = step.scripts;
        if (random.chance(0.5)) return step;
        const calls = script.some((said) => 'recipient' in said);
        const wrong = calls ? call('functions.exec_command', '{"cmd": 1}') : final('{"answer": 1}');
        return { ...step, scripts: [[...script.slice(0, -1), wrong], script] };
      });
    },
    losses: ['asked-again', 'call-header', 'dropped-analysis', 'final-return'],
  },
  {
    name: 'answers cut by a stop text',
    clients: chat,
    steps: (random) =>
      talk(random, {
        fields: { stop: ['STOP'], reasoning_effort: 'none' },
        thinks: 0,
        answer: () => final(`${text(random)} STOP ${text(random)}`),
      }),
    losses: ['stopped-answer'],
  },
  {
    name: 'answers cut by the token limit',
    clients: codex,
    steps: (random) =>
      talk(random, {
        fields: { max_output_tokens: 7 },
        thinks: 0,
        answer: () => final(`go on ${text(random)} and on`),
      }),
    losses: [],
  },
  {
    name: 'two conversations by turns',
    clients: () => [...codex(), ...chat()],
    steps(random) {
      const one = opening(talk(random, { fields: codexFields, recipients: alone }), openLikeCodex);
      const other = talk(random, { fields: { tools: chatTools }, recipients: alone, client: 1 });
      const steps: Step[] = [];
      while (one.length > 0 || other.length > 0) {
        const step = (random.chance(0.5) ? one : other).shift();
        if (step !== undefined) steps.push(step);
      }
      return steps;
    },
    losses: ['call-header', 'dropped-analysis', 'unsent-analysis', 'final-return'],
  },
];
