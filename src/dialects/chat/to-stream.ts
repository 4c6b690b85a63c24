import type { Answer } from '../../core/dialect.ts';
import { errorEnvelope } from '../../core/errors.ts';
import type { Usage } from '../../core/event.ts';
import { createChoice } from './choice.ts';
import type { ChoiceOptions } from './choice.ts';
import { commentFrame, doneFrame, frame, sharedFields } from './chunk.ts';
import { addAnswerUsage, completionUsage } from '../completion-usage.ts';

export type ChatAnswerOptions = Omit<ChoiceOptions, 'index'>;

/**
 * Chat completion chunks of the events of one turn, or of several: each becomes a choice, one after another.
 *
 * - A choice's first chunk alone carries the role. Its content is null where tools may be called, as it stays when
 *   nothing but calls follows, and else `""`.
 * - Reasoning appears under `reasoning_content` and `reasoning`, for clients read one or the other.
 * - A preamble (`commentary`) is content, with an empty line before what follows; where content must be JSON it is
 *   reasoning.
 * - After `fail` there is no `[DONE]`: an answer that broke off must not look complete.
 */
export function createChatAnswer(options: ChatAnswerOptions): Answer {
  const { completion, includeUsage } = options;
  const choices = [createChoice({ ...options, index: 0 })];
  let usage: Usage | null = null;
  let open = choices[0]!;
  return {
    push(event) {
      const frames = open.push(event);
      if (event.type !== 'turn-end') return frames;
      usage = addAnswerUsage(usage, event.usage);
      if (event.more === true) {
        open = createChoice({ ...options, index: choices.length });
        choices.push(open);
        return frames;
      }
      if (includeUsage) {
        const shared = sharedFields(completion, 'chat.completion.chunk');
        frames.push(frame({ ...shared, choices: [], usage: completionUsage(usage) }));
      }
      frames.push(doneFrame);
      return frames;
    },
    fail: (error) => [frame(errorEnvelope(error))],
    retract: (error) => [frame(errorEnvelope(error))],
    keepAlive: () => commentFrame,
    object: () => ({
      ...sharedFields(completion, 'chat.completion'),
      choices: choices.map((choice) => choice.object()),
      ...(usage === null ? {} : { usage: completionUsage(usage) }),
    }),
  };
}
