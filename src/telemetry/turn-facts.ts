import type { TurnReport } from '../core/turn-report.ts';

/** `gen_ai.operation.name` of the conventions. */
export function operationOf({ route }: TurnReport): 'chat' | 'text_completion' {
  return route === '/v1/completions' ? 'text_completion' : 'chat';
}

/** The model that answers: an id of the configuration, never the name that a client typed. */
export function servedModel({ model }: TurnReport, served: (name: string) => string | null): string {
  return served(model) ?? 'unknown';
}

/** When a turn's waiting was over, by being taken or by being given up; on the clock of the report. */
export function waitedUntil({ start, ended, began }: TurnReport): number {
  return start?.at ?? ended ?? began;
}
