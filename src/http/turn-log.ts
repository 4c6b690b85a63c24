import type { FastifyBaseLogger } from 'fastify';
import type { GatewayError } from '../core/errors.ts';
import { endTurn, followTurn } from '../core/turn-report.ts';
import type { FollowedTurn, TurnReport } from '../core/turn-report.ts';

/** A turn that is followed, and the log that gets a line about it. */
export type LoggedTurn = FollowedTurn & { readonly logger: FastifyBaseLogger };

/** Begins to follow a turn; `endLoggedTurn` must come in the end. */
export function followLoggedTurn(
  options: Parameters<typeof followTurn>[0] & { readonly logger: FastifyBaseLogger },
): LoggedTurn {
  const { report, clock, observers } = followTurn(options);
  return { report, clock, observers, logger: options.logger };
}

/** @param failure why the turn has failed; null: it hasn't. */
export function endLoggedTurn(turn: LoggedTurn, failure: GatewayError | null): void {
  endTurn(turn, failure);
  logTurn(turn.logger, turn.report);
}

/** Writes one line about a turn that has ended: ids, counts and times, never a word of what was said. */
function logTurn(logger: FastifyBaseLogger, report: TurnReport): void {
  const { began, firstOutput, end, failure, warnings } = report;
  const ended = report.ended ?? began;
  const line: Record<string, unknown> = {
    model: report.model,
    stream: report.stream,
    ms: Math.round(ended - began),
  };
  if (firstOutput !== null) line['firstTokenMs'] = Math.round(firstOutput - began);
  if (end !== null) {
    const { inputTokens, cachedTokens, outputTokens, reasoningTokens } = end.usage;
    Object.assign(line, { reason: end.reason, inputTokens, cachedTokens, outputTokens, reasoningTokens });
    if (report.turns > 1) line['turns'] = report.turns;
    if (end.repairs !== undefined) line['repairs'] = end.repairs;
    const seconds = (ended - (firstOutput ?? began)) / 1000;
    if (seconds > 0) line['tokensPerSecond'] = Math.round(outputTokens / seconds);
  }
  if (warnings.length > 0) line['warnings'] = warnings;
  if (failure === null) return logger.info(line, end === null ? 'turn left' : 'turn');
  line['error'] = failure.code;
  if (failure.code === 'request_cancelled') return logger.info(line, 'turn cancelled');
  line['status'] = failure.status;
  if (failure.cause !== undefined) line['err'] = failure.cause;
  if (failure.status >= 500) logger.error(line, 'turn failed');
  else logger.info(line, 'turn refused');
}
