import type { Answer, Frame } from '../../core/dialect.ts';
import { addUsage } from '../../core/event.ts';
import type { EndReason, TurnEvent, Usage } from '../../core/event.ts';
import { addPiece, emptyText, isEmptyText, wholeText } from '../../core/growing-text.ts';
import type { GrowingText } from '../../core/growing-text.ts';
import { doneFrame, failureFrames, frame, keepAliveFrame } from '../completion-frames.ts';
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

/**
 * `text_completion` objects of turns' events, a choice for each turn. The text is what the model goes on with; reasoning
 * has no place here. After `fail` there is no `[DONE]`: an answer that broke off must not look complete.
 */
export function createCompletionAnswer(options: CompletionAnswerOptions): Answer {
  const completing: Completing = {
    options,
    opening: [jsonLine(sharedFields(options)).slice(0, -1), ',"choices":[{"text":'].join(''),
    choices: [openChoice()],
    parted: false,
    usage: null,
  };
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
  readonly options: CompletionAnswerOptions;
  /** What every chunk begins with. */
  readonly opening: string;
  /** The last one is open. */
  readonly choices: Choice[];
  /** Whether a block has begun after text: the two must not run into each other. */
  parted: boolean;
  usage: Usage | null;
};

type Choice = {
  /** What its text begins with, from the turn's start on; empty: with the answer. */
  echo: string;
  /** What follows the echo. */
  readonly answer: GrowingText;
  finishReason: 'stop' | 'length' | null;
};

function sharedFields({ id, created, model }: CompletionAnswerOptions) {
  return { id, object: 'text_completion', created, model, system_fingerprint: 'fp_codexpc' };
}

function openChoice(): Choice {
  return { echo: '', answer: emptyText(), finishReason: null };
}

function chunk({ options, opening, choices }: Completing, added: string): Frame {
  const { finishReason } = choices.at(-1)!;
  const rest = `,"index":${choices.length - 1},"logprobs":null,"finish_reason":${jsonLine(finishReason)}}]`;
  const json = `${opening}${jsonLine(added)}${rest}${options.includeUsage ? ',"usage":null' : ''}}`;
  return { event: null, data: options.obfuscate ? obfuscated(json) : json };
}

function push(completing: Completing, event: TurnEvent): Frame[] {
  const { options, choices } = completing;
  const { echoes, perPrompt } = options;
  const choice = choices.at(-1)!;
  switch (event.type) {
    case 'turn-start':
      choice.echo = echoes[Math.floor((choices.length - 1) / perPrompt)] ?? '';
      return choice.echo === '' ? [] : [chunk(completing, choice.echo)];
    case 'text-start':
      completing.parted = !isEmptyText(choice.answer);
      return [];
    case 'text-delta': {
      const added = completing.parted ? `\n\n${event.text}` : event.text;
      completing.parted = false;
      addPiece(choice.answer, added);
      return [chunk(completing, added)];
    }
    case 'turn-end':
      choice.finishReason = toFinishReason(event.reason);
      return endTurn(completing, event);
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
}

function endTurn(completing: Completing, { usage, more }: Extract<TurnEvent, { type: 'turn-end' }>): Frame[] {
  const { options, choices } = completing;
  const isFirstOfPrompt = (choices.length - 1) % options.perPrompt === 0;
  const before = completing.usage;
  completing.usage = isFirstOfPrompt && before !== null ? addUsage(before, usage) : addAnswerUsage(before, usage);
  const frames = [chunk(completing, '')];
  if (more === true) {
    choices.push(openChoice());
    return frames;
  }
  if (options.includeUsage) {
    frames.push(frame({ ...sharedFields(options), choices: [], usage: completionUsage(completing.usage) }));
  }
  frames.push(doneFrame);
  return frames;
}

function object({ options, choices, usage }: Completing): object {
  return {
    ...sharedFields(options),
    choices: choices.map(({ echo, answer, finishReason }, index) => ({
      text: echo + wholeText(answer),
      index,
      logprobs: null,
      finish_reason: finishReason,
    })),
    ...(usage === null ? {} : { usage: completionUsage(usage) }),
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
