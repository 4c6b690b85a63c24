import type { Answer, Frame } from '../../core/dialect.ts';
import type { TurnEvent, Usage } from '../../core/event.ts';
import { choiceObject, openChoice, writeChoice } from './choice.ts';
import type { Choice, ChoiceOptions } from './choice.ts';
import { sharedFields } from './chunk.ts';
import { doneFrame, failureFrames, frame, keepAliveFrame } from '../completion-frames.ts';
import { addAnswerUsage, completionUsage } from '../completion-usage.ts';

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
export function createChatAnswer(options: ChoiceOptions): Answer {
  const completing: Completing = { options, choices: [openChoice(options, 0)], usage: null };
  return {
    push: (event) => push(completing, event),
    fail: failureFrames,
    retract: failureFrames,
    keepAlive: keepAliveFrame,
    object: () => object(completing),
  };
}

/** A completion that is being made. Many are at a time, so it is kept small: one record, and functions that take it. */
type Completing = {
  readonly options: ChoiceOptions;
  /** The last one is open. */
  readonly choices: Choice[];
  usage: Usage | null;
};

function push(completing: Completing, event: TurnEvent): Frame[] {
  const { options, choices } = completing;
  const frames = writeChoice(choices.at(-1)!, event);
  if (event.type !== 'turn-end') return frames;
  completing.usage = addAnswerUsage(completing.usage, event.usage);
  if (event.more === true) {
    choices.push(openChoice(options, choices.length));
    return frames;
  }
  if (options.includeUsage) {
    const shared = sharedFields(options.completion, 'chat.completion.chunk');
    frames.push(frame({ ...shared, choices: [], usage: completionUsage(completing.usage) }));
  }
  frames.push(doneFrame);
  return frames;
}

function object({ options, choices, usage }: Completing): object {
  return {
    ...sharedFields(options.completion, 'chat.completion'),
    choices: choices.map(choiceObject),
    ...(usage === null ? {} : { usage: completionUsage(usage) }),
  };
}
