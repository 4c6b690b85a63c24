import type { TurnEvent } from '../core/event.ts';
import { addPiece, emptyText, isEmptyText, wholeText } from '../core/growing-text.ts';
import type { GrowingText } from '../core/growing-text.ts';
import type { Repaired } from './repairs.ts';
import { endScan, isHighSurrogate, openScanner, scan } from './stop-scanner.ts';
import type { StopScanner } from './stop-scanner.ts';
import { endInput, pushInput } from './tool-input.ts';
import type { ToolInput } from './tool-input.ts';

/** What a turn is made of, without its beginning and its end. */
export type BlockEvent = Exclude<TurnEvent, { type: 'turn-queued' | 'turn-start' | 'turn-end' }>;

/** A part of the answer while it is written. */
export type Block =
  /** Chain of thought, and what is said before a tool is called. One without text is none. */
  | { readonly type: 'reasoning' | 'preamble'; readonly text: GrowingText }
  /** The answer itself, there even when it is empty. `scanner`: null until it is needed. */
  | { readonly type: 'final'; readonly text: GrowingText; scanner: StopScanner | null }
  | { readonly type: 'call'; readonly text: GrowingText; readonly input: ToolInput }
  /** Text of which only its end tells what it is: it is kept until then. */
  | { readonly type: 'held'; readonly text: GrowingText };

type PlainBlock = Extract<Block, { type: 'reasoning' | 'preamble' }>;
type FinalBlock = Extract<Block, { type: 'final' }>;
type CallBlock = Extract<Block, { type: 'call' }>;

/** What becomes of blocks: events, in the order that `TurnEvent` promises, and a count of what was wrong with them. */
export type BlockOutput = Repaired & { readonly events: BlockEvent[] };

export function openPlain(type: PlainBlock['type'] | 'held'): Block {
  return { type, text: emptyText() };
}

export function openFinal(output: BlockOutput, stops: readonly string[]): Block {
  output.events.push({ type: 'text-start', phase: 'final' });
  return { type: 'final', text: emptyText(), scanner: stops.length === 0 ? null : openScanner(stops) };
}

export function openCall(
  output: BlockOutput,
  { input, ...call }: { readonly input: ToolInput } & Omit<Extract<BlockEvent, { type: 'tool-call-start' }>, 'type'>,
): CallBlock {
  output.events.push({ type: 'tool-call-start', ...call });
  return { type: 'call', text: emptyText(), input };
}

/** Writes a piece of the content. Says whether a stop text was met: then the block is to be ended. */
export function writeBlock(output: BlockOutput, block: Block, piece: string): boolean {
  switch (block.type) {
    case 'reasoning':
    case 'preamble':
      writePlain(output, block, piece);
      return false;
    case 'final':
      return writeFinal(output, block, piece);
    case 'call':
      sendInput(output, block, pushInput(block.input, piece, output));
      return false;
    case 'held':
      addPiece(block.text, piece);
      return false;
  }
}

/** Call it once; nothing may be written afterwards. What is held just ends: whoever held it knows what it is. */
export function endBlock(output: BlockOutput, block: Block): void {
  const { events } = output;
  switch (block.type) {
    case 'reasoning':
    case 'preamble':
      if (isEmptyText(block.text)) return;
      events.push({ type: block.type === 'reasoning' ? 'reasoning-end' : 'text-end', text: wholeText(block.text) });
      return;
    case 'final':
      if (block.scanner !== null) sendAnswer(output, block, endScan(block.scanner));
      events.push({ type: 'text-end', text: wholeText(block.text) });
      return;
    case 'call':
      sendInput(output, block, endInput(block.input, output));
      events.push({ type: 'tool-call-end', input: wholeText(block.text) });
      return;
    case 'held':
      return;
  }
}

function writePlain({ events }: BlockOutput, { type, text }: PlainBlock, piece: string): void {
  if (piece === '') return;
  const isReasoning = type === 'reasoning';
  if (isEmptyText(text))
    events.push(isReasoning ? { type: 'reasoning-start' } : { type: 'text-start', phase: 'commentary' });
  addPiece(text, piece);
  events.push({ type: isReasoning ? 'reasoning-delta' : 'text-delta', text: piece });
}

function writeFinal(output: BlockOutput, block: FinalBlock, piece: string): boolean {
  // Without stop texts nothing is ever held back but half a character.
  if (block.scanner === null && !isHighSurrogate(piece.charCodeAt(piece.length - 1))) {
    sendAnswer(output, block, piece);
    return false;
  }
  block.scanner ??= openScanner([]);
  const { text, stopped } = scan(block.scanner, piece);
  sendAnswer(output, block, text);
  return stopped !== null;
}

function sendAnswer({ events }: BlockOutput, block: FinalBlock, piece: string): void {
  if (piece === '') return;
  addPiece(block.text, piece);
  events.push({ type: 'text-delta', text: piece });
}

function sendInput({ events }: BlockOutput, block: CallBlock, piece: string): void {
  if (piece === '') return;
  addPiece(block.text, piece);
  events.push({ type: 'tool-call-delta', text: piece });
}
