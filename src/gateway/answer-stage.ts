import type { BackendEvent } from '../backends/backend.ts';
import type { TurnEvent, Usage } from '../core/event.ts';
import type { Ids } from '../core/ids.ts';
import type { Turn } from '../core/turn.ts';
import { createAnswerReader } from '../harmony/answer-reader.ts';
import { createDecoder } from '../harmony/decoder.ts';
import type { Decoder } from '../harmony/decoder.ts';
import { control } from '../harmony/encoding.ts';
import type { Encoding } from '../harmony/encoding.ts';
import type { Prefill } from '../harmony/prefill.ts';

/** Reads what the engine says about one turn, whether it says texts or token ids. */
export type AnswerStage = {
  push(batch: readonly BackendEvent[]): TurnEvent[];
  /** The turn is over although the engine may go on: it called a tool, say, or met a stop text. */
  isOver(): boolean;
  /** What is left to say once the engine has ended, `turn-end` included. Call it once. */
  end(): TurnEvent[];
  /** What the engine's cache holds now, as far as it has told. */
  held(): Uint32Array;
};

export type AnswerStageOptions = {
  readonly turn: Turn;
  readonly prefill: Prefill;
  readonly cachedTokens: number;
  readonly maxOutputTokens: number;
  readonly encoding: Encoding;
  readonly ids: Ids;
};

export function createAnswerStage(options: AnswerStageOptions): AnswerStage {
  const { turn, prefill, cachedTokens, maxOutputTokens, encoding, ids } = options;
  // Of the prefill, nothing else: it holds the turn, which is not to live as long as the answer is read.
  const { tokens } = prefill;
  const reader = createAnswerReader({
    tools: prefill.toolNames,
    callsAllowed: turn.tools.length > 0 && turn.toolChoice.type !== 'none',
    stop: turn.stop,
    newCallId: () => ids.next('call'),
  });
  let decoder: Decoder | null = null;
  const sampled: number[] = [];
  /** Whether thinking may come; inside the final channel it can't. */
  let thinks = !prefill.primeFinal;
  /** How many of the sampled ids belong to the turn, once it is over. */
  let spoken: number | null = null;
  /** What a daemon that sends texts let us see, to tell thinking from the rest. */
  let shown = '';
  let reported: Pick<Usage, 'inputTokens' | 'outputTokens'> | null = null;

  function read(event: BackendEvent): TurnEvent[] {
    switch (event.type) {
      case 'created':
        if (event.output === 'tokens') {
          decoder = createDecoder({ encoding, start: event.start });
        }
        thinks = event.start === 'assistant';
        return [{ type: 'turn-start', inputTokens: tokens.length, cachedTokens }];
      case 'text-delta':
        // A daemon that sends ids says the same in text, maybe.
        if (decoder !== null) return [];
        shown += event.text;
        return reader.pushText(event.text);
      case 'token-delta':
        if (decoder === null) return [];
        return readTokens(decoder, event.ids);
      case 'tool-call':
        if (decoder !== null) return [];
        shown += event.input;
        return reader.pushCall(event.recipient, event.input);
      case 'completed':
        reported = event.usage;
        return [];
    }
  }

  function readTokens(decoder: Decoder, ids: readonly number[]): TurnEvent[] {
    const before = sampled.length;
    for (const id of ids) sampled.push(id);
    if (spoken !== null) return [];
    const events = reader.push(decoder.push(ids));
    if (reader.done() !== null) {
      // The engine goes on behind a call until it hears of the cancel; that is not the turn's any more.
      const end = ids.findIndex((id) => id === control.call || id === control.return);
      spoken = before + (end === -1 ? ids.length : end + 1);
    }
    return events;
  }

  function usage(): Usage {
    if (decoder !== null) {
      // Headers and control tokens are thinking's cost as well: all that is neither answer nor arguments.
      const visible = reader.tokens.final + reader.tokens.commentary + reader.tokens.toolInput;
      const outputTokens = spoken ?? sampled.length;
      return {
        inputTokens: tokens.length,
        cachedTokens,
        outputTokens,
        reasoningTokens: thinks ? Math.max(0, outputTokens - visible) : 0,
      };
    }
    const visible = encoding.encode(shown).length;
    const outputTokens = reported?.outputTokens ?? visible;
    return {
      inputTokens: reported?.inputTokens ?? tokens.length,
      cachedTokens,
      outputTokens,
      reasoningTokens: thinks ? Math.max(0, outputTokens - visible) : 0,
    };
  }

  return {
    push: (batch) => (batch.length === 1 ? read(batch[0]!) : batch.flatMap(read)),
    isOver: () => reader.done() !== null,
    end() {
      const rest = decoder === null ? [] : reader.push(decoder.end());
      const outputTokens = spoken ?? reported?.outputTokens ?? sampled.length;
      const { events, reason } = reader.finish(outputTokens >= maxOutputTokens ? 'length' : 'stop');
      const repairs = Object.fromEntries([...(decoder?.repairs() ?? []), ...reader.repairs()]);
      const repaired = Object.keys(repairs).length > 0 ? { repairs } : {};
      return [...rest, ...events, { type: 'turn-end', reason, usage: usage(), ...repaired }];
    },
    held() {
      const held = new Uint32Array(tokens.length + sampled.length);
      held.set(tokens);
      held.set(sampled, tokens.length);
      return held;
    },
  };
}
