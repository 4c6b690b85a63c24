import type { Answer, Frame } from '../../core/dialect.ts';
import { errorEnvelope } from '../../core/errors.ts';
import { addUsage } from '../../core/event.ts';
import type { EndReason, Usage } from '../../core/event.ts';
import { addAnswerUsage, completionUsage } from '../completion-usage.ts';
import { jsonLine } from '../json-line.ts';
import { obfuscated } from '../obfuscation.ts';

export type CompletionAnswerOptions = {
  readonly id: string;
  /** Seconds since 1970. */
  readonly created: number;
  readonly model: string;
  readonly includeUsage: boolean;
  /** Texts are padded. */
  readonly obfuscate: boolean;
  /** What the texts that answer each prompt begin with; empty: with the answer. */
  readonly echoes: readonly string[];
  /** How many turns answer one prompt, before the next prompt's. */
  readonly perPrompt: number;
};

type Choice = { text: string; finishReason: 'stop' | 'length' | null };

/**
 * `text_completion` objects of turns' events, a choice for each turn. The text is what the model goes on with; reasoning
 * has no place here. After `fail` there is no `[DONE]`: an answer that broke off must not look complete.
 */
export function createCompletionAnswer(options: CompletionAnswerOptions): Answer {
  const { includeUsage, obfuscate, echoes, perPrompt } = options;
  const shared = {
    id: options.id,
    object: 'text_completion',
    created: options.created,
    model: options.model,
    system_fingerprint: 'fp_codexpc',
  };
  const open = `${jsonLine(shared).slice(0, -1)},"choices":[{"text":`;
  const noUsage = includeUsage ? ',"usage":null' : '';
  const choices: Choice[] = [{ text: '', finishReason: null }];
  let choice = choices[0]!;
  /** Whether a block has begun after text: the two must not run into each other. */
  let parted = false;
  let usage: Usage | null = null;

  const echo = () => echoes[Math.floor((choices.length - 1) / perPrompt)] ?? '';
  const chunk = (added: string): Frame => {
    const rest = `,"index":${choices.length - 1},"logprobs":null,"finish_reason":${jsonLine(choice.finishReason)}}]`;
    const json = `${open}${jsonLine(added)}${rest}${noUsage}}`;
    return { event: null, data: obfuscate ? obfuscated(json) : json };
  };
  const say = (added: string): Frame[] => {
    choice.text += added;
    return [chunk(added)];
  };

  return {
    push(event) {
      switch (event.type) {
        case 'turn-start':
          return echo() === '' ? [] : say(echo());
        case 'text-start':
          parted = choice.text.length > echo().length;
          return [];
        case 'text-delta': {
          const separator = parted ? '\n\n' : '';
          parted = false;
          return say(separator + event.text);
        }
        case 'turn-end': {
          choice.finishReason = toFinishReason(event.reason);
          const isFirstOfPrompt = (choices.length - 1) % perPrompt === 0;
          usage = isFirstOfPrompt && usage !== null ? addUsage(usage, event.usage) : addAnswerUsage(usage, event.usage);
          const frames = [chunk('')];
          if (event.more === true) {
            choice = { text: '', finishReason: null };
            choices.push(choice);
            return frames;
          }
          if (includeUsage) {
            frames.push({ event: null, data: jsonLine({ ...shared, choices: [], usage: completionUsage(usage) }) });
          }
          frames.push({ event: null, data: '[DONE]' });
          return frames;
        }
        case 'turn-queued':
        case 'reasoning-start':
        case 'reasoning-delta':
        case 'reasoning-end':
        case 'text-end':
        case 'tool-call-start':
        case 'tool-call-delta':
        case 'tool-call-end':
          return [];
      }
    },
    fail: (error) => [{ event: null, data: jsonLine(errorEnvelope(error)) }],
    retract: (error) => [{ event: null, data: jsonLine(errorEnvelope(error)) }],
    keepAlive: () => ({ event: null, data: null }),
    object: () => ({
      ...shared,
      choices: choices.map(({ text, finishReason }, index) => ({
        text,
        index,
        logprobs: null,
        finish_reason: finishReason,
      })),
      ...(usage === null ? {} : { usage: completionUsage(usage) }),
    }),
  };
}

function toFinishReason(reason: EndReason): 'stop' | 'length' {
  switch (reason) {
    case 'stop':
    case 'stop-text':
    case 'tool-calls':
      return 'stop';
    case 'length':
      return 'length';
  }
}
