import type { TurnEvent } from '../core/event.ts';
import type { ToolReference } from '../core/turn.ts';
import type { StopScanner } from './stop-scanner.ts';
import type { ToolInput } from './tool-input.ts';

/** What a turn is made of, without its beginning and its end. */
export type BlockEvent = Exclude<TurnEvent, { type: 'turn-queued' | 'turn-start' | 'turn-end' }>;

/** A part of the answer while it is written. What happens goes to `emit`, in the order that `TurnEvent` promises. */
export type Block = {
  push(text: string): void;
  /** Call it once; nothing may be pushed afterwards. */
  end(): void;
};

type Emit = (event: BlockEvent) => void;

/** Chain of thought. One without text is none. */
export function createReasoningBlock(emit: Emit): Block {
  return createPlainBlock(emit, { type: 'reasoning-start' }, 'reasoning');
}

/** What is said before a tool is called. One without text is none. */
export function createPreambleBlock(emit: Emit): Block {
  return createPlainBlock(emit, { type: 'text-start', phase: 'commentary' }, 'text');
}

function createPlainBlock(emit: Emit, start: BlockEvent, kind: 'reasoning' | 'text'): Block {
  const texts: string[] = [];
  return {
    push(text) {
      if (text === '') return;
      if (texts.length === 0) emit(start);
      texts.push(text);
      emit({ type: `${kind}-delta`, text });
    },
    end() {
      if (texts.length > 0) emit({ type: `${kind}-end`, text: texts.join('') });
    },
  };
}

/** The answer itself, there even when it is empty. `onStop` is called when a stop text is met, at most once. */
export function createFinalBlock(emit: Emit, scanner: StopScanner, onStop: () => void): Block {
  const texts: string[] = [];
  let stopped = false;
  const send = (text: string) => {
    if (text === '') return;
    texts.push(text);
    emit({ type: 'text-delta', text });
  };
  emit({ type: 'text-start', phase: 'final' });
  return {
    push(piece) {
      if (stopped) return;
      const result = scanner.push(piece);
      send(result.text);
      stopped = result.stopped !== null;
      if (stopped) onStop();
    },
    end() {
      send(scanner.end());
      emit({ type: 'text-end', text: texts.join('') });
    },
  };
}

/** Text of which only its end tells what it is: it is kept until then. */
export function createHeldBlock(): Block & { readonly text: () => string } {
  const texts: string[] = [];
  return { push: (text) => void texts.push(text), end: () => {}, text: () => texts.join('') };
}

export function createCallBlock(
  emit: Emit,
  call: { readonly callId: string; readonly tool: ToolReference; readonly input: ToolInput },
): Block {
  const texts: string[] = [];
  const send = (text: string) => {
    if (text === '') return;
    texts.push(text);
    emit({ type: 'tool-call-delta', text });
  };
  emit({ type: 'tool-call-start', callId: call.callId, tool: call.tool });
  return {
    push: (piece) => send(call.input.push(piece)),
    end() {
      send(call.input.end());
      emit({ type: 'tool-call-end', input: texts.join('') });
    },
  };
}
