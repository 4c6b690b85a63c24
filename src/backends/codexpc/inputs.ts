import { handshakeDifferences } from '../handshake.ts';
import type { Introduction } from '../backend.ts';
import type { Input } from './wire.ts';

/** What `backend.input` may be. */
export type InputSetting = Input | 'auto';

/** What is lost with each form, against tokens; a sentence each, for the log, doctor and docs/daemon.md. */
export const inputLosses: { readonly [input in Input]: readonly string[] } = {
  tokens: [],
  conversation: [
    'The answer begins in the final channel, so the model does not think, and effort has no effect.',
    'A tool is called only if the model ends a final message and goes on, which it was not trained to do.',
    'The daemon puts a system message and an instruction of its own in front; the effort stays medium there, and the date stands in a second system message.',
    'The daemon tokenises the whole prompt, each time, and counts and caches are known to it alone.',
  ],
  messages: [
    'A daemon that sends text takes what the model thinks first for the answer, and a call without a thought before it for text; with token ids nothing of that is lost.',
    'The daemon puts a system message and an instruction of its own in front; the effort stays medium there, and the date stands at the end.',
    'U+0000 in a text becomes U+FFFD.',
    'The daemon tokenises the whole prompt, each time, and counts and caches are known to it alone.',
  ],
};

export type InputChoice = {
  /** The form to use first, and what to try where a daemon refuses it. Never empty. */
  readonly inputs: readonly [Input, ...Input[]];
  /** What somebody should know about the choice; null: nothing. */
  readonly warning: string | null;
};

/**
 * Chooses the form for a daemon that has introduced itself. `auto` means tokens, unless its Harmony is another than
 * ours: then it renders by itself, a conversation first. Of the two forms that is the one whose prompt and whose reader
 * agree on where the answer begins. What can't be compared is not taken for different.
 */
export function chooseInputs(setting: InputSetting, { handshake, trouble }: Introduction): InputChoice {
  if (setting !== 'auto') {
    return { inputs: [setting], warning: setting === 'tokens' ? null : describe(setting, 'backend.input says so') };
  }
  if (handshake === null) {
    return {
      inputs: ['tokens'],
      warning: `The codexpc daemon's Harmony can't be compared with ours: ${trouble ?? 'it did not say'}. It is taken to be the same.`,
    };
  }
  const differences = handshakeDifferences(handshake);
  if (differences.length === 0) return { inputs: ['tokens'], warning: null };
  return {
    inputs: ['conversation', 'messages'],
    warning: describe('conversation', `its Harmony is another than ours: ${differences.join('; ')}`),
  };
}

function describe(input: Exclude<Input, 'tokens'>, reason: string): string {
  const form = input === 'messages' ? 'typed messages' : 'a conversation in JSON';
  return `Prompts go to the codexpc daemon as ${form} instead of tokens, since ${reason}. ${inputLosses[input].join(' ')}`;
}
