import { isToolRecipient } from '../harmony/decoder-header.ts';
import type { Header } from '../harmony/decoder-header.ts';
import { decode, endDecoding, openDecoder } from '../harmony/decoder.ts';
import type { DecoderEvent } from '../harmony/decoder.ts';
import { control } from '../harmony/encoding.ts';
import type { Encoding } from '../harmony/encoding.ts';

/** What one sampled token brought. */
export type Sampled = {
  /** More text of the final channel; often none. */
  readonly text: string;
  /** A message to a tool is over. */
  readonly call: ToolCall | null;
  /** The model has ended its turn. */
  readonly stop: boolean;
};

/** `recipient` as sampled, prefix and all. */
export type ToolCall = { readonly recipient: string; readonly input: string };

const headerMarks: ReadonlySet<number> = new Set([control.start, control.channel, control.constrain, control.message]);

/** Texts of single tokens that the daemon keeps back. */
const headerWords: ReadonlySet<string> = new Set(['final', 'analysis', 'commentary', 'assistant']);

/**
 * What the daemon makes of sampled tokens: text of the final channel and calls (quirk 7: analysis and commentary
 * stay inside).
 *
 * A token that is just a word of headers (`final`, `analysis` …) is taken for a header gone astray, and never comes out.
 *
 * `primed`: the tokens are said to begin inside assistant/final, rather than behind `<|start|>assistant`. Said wrongly,
 * the model's analysis comes out as final text (quirk 6).
 */
export function createSampledReader(encoding: Encoding, options: { readonly primed: boolean }) {
  const decoder = openDecoder({ encoding, start: options.primed ? 'final' : 'assistant' });
  let header: Header | null = null;
  /** What has come of the content of a call. */
  let input = '';
  /** Inside the message that priming opened, no header can begin: its marks are passed over. */
  let inPrimed = options.primed;

  function read(events: readonly DecoderEvent[], stop: boolean): Sampled {
    let text = '';
    let call: ToolCall | null = null;
    for (const event of events) {
      switch (event.type) {
        case 'message-start':
          header = event;
          input = '';
          break;
        case 'text-delta':
          if (header === null) break;
          if (isToolRecipient(header.recipient)) input += event.text;
          else if (header.channel === 'final' && !headerWords.has(event.text)) text += event.text;
          break;
        case 'message-end':
          if (header?.role === 'assistant' && isToolRecipient(header.recipient)) {
            call = { recipient: header.recipient, input };
          }
          header = null;
          break;
      }
    }
    return { text, call, stop };
  }

  return {
    push(id: number): Sampled {
      if (inPrimed && headerMarks.has(id)) return { text: '', call: null, stop: false };
      const stop = id === control.return || id === control.call || id === control.endoftext;
      if (stop || id === control.end) inPrimed = false;
      return read(decode(decoder, [id]), stop);
    },
    /** Nothing more is sampled: what is still held back comes out. */
    finish: (): Sampled => read(endDecoding(decoder), true),
  };
}
