import type { EndReason, TurnEvent } from '../../src/core/event.ts';
import type { Ids } from '../../src/core/ids.ts';
import type { ToolReference } from '../../src/core/turn.ts';

/** 2025-11-24T00:00:00.900Z: the fraction must not show in what is counted in seconds. */
export const now = 1_763_942_400_900;

/** Ids that count, whatever they are for. */
export function countingIds(): Ids {
  let count = 0;
  return { next: (prefix) => `${prefix}_${(count += 1).toString().padStart(24, '0')}` };
}

export const weather: ToolReference = { type: 'function', name: 'get_weather', namespace: null };
export const patch: ToolReference = { type: 'custom', name: 'apply_patch', namespace: null };

export function reasoning(...deltas: string[]): TurnEvent[] {
  return [
    { type: 'reasoning-start' },
    ...deltas.map((text): TurnEvent => ({ type: 'reasoning-delta', text })),
    { type: 'reasoning-end', text: deltas.join('') },
  ];
}

export function text(phase: 'commentary' | 'final', ...deltas: string[]): TurnEvent[] {
  return [
    { type: 'text-start', phase },
    ...deltas.map((delta): TurnEvent => ({ type: 'text-delta', text: delta })),
    { type: 'text-end', text: deltas.join('') },
  ];
}

export function toolCall(callId: string, tool: ToolReference, ...deltas: string[]): TurnEvent[] {
  return [
    { type: 'tool-call-start', callId, tool },
    ...deltas.map((delta): TurnEvent => ({ type: 'tool-call-delta', text: delta })),
    { type: 'tool-call-end', input: deltas.join('') },
  ];
}

export const queued: TurnEvent = { type: 'turn-queued', position: 1 };
export const start: TurnEvent = { type: 'turn-start', inputTokens: 100, cachedTokens: 60 };

export function end(reason: EndReason): TurnEvent {
  return {
    type: 'turn-end',
    reason,
    usage: { inputTokens: 100, cachedTokens: 60, outputTokens: 30, reasoningTokens: 12 },
  };
}

export function turn(reason: EndReason, ...blocks: TurnEvent[][]): TurnEvent[] {
  return [start, ...blocks.flat(), end(reason)];
}

/** The turn, with another one of the same request behind it. */
export function followed(events: readonly TurnEvent[]): TurnEvent[] {
  return events.map((event) => (event.type === 'turn-end' ? { ...event, more: true } : event));
}
