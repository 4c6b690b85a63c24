import type { Answer, Frame } from '../../core/dialect.ts';
import { errorEnvelope } from '../../core/errors.ts';
import type { EndReason, Usage } from '../../core/event.ts';
import { completionUsage } from '../completion-usage.ts';
import { jsonLine } from '../json-line.ts';

export type CompletionAnswerOptions = {
  readonly id: string;
  /** Seconds since 1970. */
  readonly created: number;
  readonly model: string;
  readonly includeUsage: boolean;
  /** What the text begins with: the prompt where it is to be echoed, else nothing. */
  readonly echo: string;
};

/**
 * `text_completion` objects of a turn's events. The text is what the model says to the user; reasoning has no place
 * here. After `fail` there is no `[DONE]`: an answer that broke off must not look complete.
 */
export function createCompletionAnswer(options: CompletionAnswerOptions): Answer {
  const { includeUsage } = options;
  const shared = {
    id: options.id,
    object: 'text_completion',
    created: options.created,
    model: options.model,
    system_fingerprint: 'fp_codexpc',
  };
  const open = `${jsonLine(shared).slice(0, -1)},"choices":[{"text":`;
  const noUsage = includeUsage ? ',"usage":null' : '';
  let text = '';
  /** Whether a block has begun after text: the two must not run into each other. */
  let parted = false;
  let finishReason: 'stop' | 'length' | null = null;
  let usage: Usage | null = null;

  const chunk = (added: string): Frame => ({
    event: null,
    data: `${open}${jsonLine(added)},"index":0,"logprobs":null,"finish_reason":${jsonLine(finishReason)}}]${noUsage}}`,
  });
  const say = (added: string): Frame[] => {
    text += added;
    return [chunk(added)];
  };

  return {
    push(event) {
      switch (event.type) {
        case 'turn-start':
          return options.echo === '' ? [] : say(options.echo);
        case 'text-start':
          parted = text.length > options.echo.length;
          return [];
        case 'text-delta': {
          const separator = parted ? '\n\n' : '';
          parted = false;
          return say(separator + event.text);
        }
        case 'turn-end': {
          finishReason = toFinishReason(event.reason);
          usage = event.usage;
          const frames = [chunk('')];
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
      choices: [{ text, index: 0, logprobs: null, finish_reason: finishReason }],
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
