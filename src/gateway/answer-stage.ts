import type { BackendEvent } from '../backends/backend.ts';
import type { TurnEvent, Usage } from '../core/event.ts';
import { addPiece, emptyText, wholeText } from '../core/growing-text.ts';
import type { GrowingText } from '../core/growing-text.ts';
import type { Ids } from '../core/ids.ts';
import type { Turn } from '../core/turn.ts';
import { finishReading, openAnswerReader, readCall, readDecoded, readText } from '../harmony/answer-reader.ts';
import type { AnswerReader } from '../harmony/answer-reader.ts';
import { decode, endDecoding, openDecoder } from '../harmony/decoder.ts';
import type { Decoder } from '../harmony/decoder.ts';
import { control } from '../harmony/encoding.ts';
import type { Encoding } from '../harmony/encoding.ts';
import type { Prefill } from '../harmony/prefill.ts';
import { repairsOf } from '../harmony/repairs.ts';

/** Reads what the engine says about one turn, whether it says texts or token ids. */
export type AnswerStage = Pick<AnswerStageOptions, 'encoding' | 'cachedTokens' | 'maxOutputTokens'> & {
  /** The prefill's. */
  readonly tokens: Uint32Array;
  readonly reader: AnswerReader;
  /** null: the engine says texts. */
  decoder: Decoder | null;
  readonly sampled: number[];
  /** Whether thinking may come; inside the final channel it can't. */
  thinks: boolean;
  /** How many of the sampled ids belong to the turn, once it is over. */
  spoken: number | null;
  /** What a daemon that sends texts let us see, to tell thinking from the rest. */
  readonly shown: GrowingText;
  reported: Pick<Usage, 'inputTokens' | 'outputTokens'> | null;
};

export type AnswerStageOptions = {
  readonly turn: Turn;
  readonly prefill: Prefill;
  readonly cachedTokens: number;
  readonly maxOutputTokens: number;
  readonly encoding: Encoding;
  readonly ids: Ids;
};

/** Of the turn and its prefill the stage keeps what it needs: they are not to live as long as the answer is read. */
export function openStage(options: AnswerStageOptions): AnswerStage {
  const { turn, prefill, cachedTokens, maxOutputTokens, encoding, ids } = options;
  return {
    encoding,
    cachedTokens,
    maxOutputTokens,
    tokens: prefill.tokens,
    reader: openAnswerReader({
      tools: prefill.toolNames,
      callsAllowed: turn.tools.length > 0 && turn.toolChoice.type !== 'none',
      stop: turn.stop,
      ids,
    }),
    decoder: null,
    sampled: [],
    thinks: !prefill.primeFinal,
    spoken: null,
    shown: emptyText(),
    reported: null,
  };
}

export function readBatch(stage: AnswerStage, batch: readonly BackendEvent[]): TurnEvent[] {
  return batch.length === 1 ? read(stage, batch[0]!) : batch.flatMap((event) => read(stage, event));
}

/** The turn is over although the engine may go on: it called a tool, say, or met a stop text. */
export function isOver({ reader }: AnswerStage): boolean {
  return reader.done !== null;
}

/** What is left to say once the engine has ended, `turn-end` included. Call it once. */
export function endOf(stage: AnswerStage): TurnEvent[] {
  const { reader, decoder, sampled, spoken, reported, maxOutputTokens } = stage;
  const rest = decoder === null ? [] : readDecoded(reader, endDecoding(decoder));
  const outputTokens = spoken ?? reported?.outputTokens ?? sampled.length;
  const { events, reason } = finishReading(reader, outputTokens >= maxOutputTokens ? 'length' : 'stop');
  const repairs = Object.fromEntries([...(decoder === null ? [] : repairsOf(decoder)), ...repairsOf(reader)]);
  const repaired = Object.keys(repairs).length > 0 ? { repairs } : {};
  return [...rest, ...events, { type: 'turn-end', reason, usage: usageOf(stage), ...repaired }];
}

/** What the engine's cache holds now, as far as it has told. */
export function heldBy({ tokens, sampled }: AnswerStage): Uint32Array {
  const held = new Uint32Array(tokens.length + sampled.length);
  held.set(tokens);
  held.set(sampled, tokens.length);
  return held;
}

function read(stage: AnswerStage, event: BackendEvent): TurnEvent[] {
  const { reader, decoder, encoding, tokens, cachedTokens } = stage;
  switch (event.type) {
    case 'created':
      if (event.output === 'tokens') stage.decoder = openDecoder({ encoding, start: event.start });
      stage.thinks = event.start === 'assistant';
      return [{ type: 'turn-start', inputTokens: tokens.length, cachedTokens }];
    case 'text-delta':
      // A daemon that sends ids says the same in text, maybe.
      if (decoder !== null) return [];
      addPiece(stage.shown, event.text);
      return readText(reader, event.text);
    case 'token-delta':
      if (decoder === null) return [];
      return readTokens(stage, decoder, event.ids);
    case 'tool-call':
      if (decoder !== null) return [];
      addPiece(stage.shown, event.input);
      return readCall(reader, event.recipient, event.input);
    case 'completed':
      stage.reported = event.usage;
      return [];
  }
}

function readTokens(stage: AnswerStage, decoder: Decoder, ids: readonly number[]): TurnEvent[] {
  const { reader, sampled } = stage;
  const before = sampled.length;
  for (const id of ids) sampled.push(id);
  if (stage.spoken !== null) return [];
  const events = readDecoded(reader, decode(decoder, ids));
  if (reader.done !== null) {
    // The engine goes on behind a call until it hears of the cancel; that is not the turn's any more.
    const end = ids.findIndex((id) => id === control.call || id === control.return);
    stage.spoken = before + (end === -1 ? ids.length : end + 1);
  }
  return events;
}

function usageOf(stage: AnswerStage): Usage {
  const { reader, decoder, tokens, cachedTokens, sampled, spoken, reported, thinks, encoding, shown } = stage;
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
  const visible = encoding.encode(wholeText(shown)).length;
  const outputTokens = reported?.outputTokens ?? visible;
  return {
    inputTokens: reported?.inputTokens ?? tokens.length,
    cachedTokens,
    outputTokens,
    reasoningTokens: thinks ? Math.max(0, outputTokens - visible) : 0,
  };
}
