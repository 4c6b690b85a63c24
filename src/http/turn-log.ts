import type { FastifyBaseLogger } from 'fastify';
import type { Exchange } from '../core/dialect.ts';
import type { GatewayError } from '../core/errors.ts';
import type { TurnEvent } from '../core/event.ts';
import type { Clock } from '../core/ids.ts';

/** Watches a turn go by and writes one line about it: ids, counts and times, never a word of what was said. */
export type TurnLog = {
  watch(batches: AsyncIterable<readonly TurnEvent[]>): AsyncIterable<readonly TurnEvent[]>;
  failed(error: GatewayError): void;
  write(logger: FastifyBaseLogger): void;
};

export function createTurnLog(exchange: Exchange, clock: Clock): TurnLog {
  const began = clock.elapsed();
  let firstOutput: number | null = null;
  let end: Extract<TurnEvent, { type: 'turn-end' }> | null = null;
  let failure: GatewayError | null = null;

  function note(event: TurnEvent): void {
    if (event.type === 'turn-end') end = event;
    else if (firstOutput === null && event.type !== 'turn-queued' && event.type !== 'turn-start') {
      firstOutput = clock.elapsed();
    }
  }

  return {
    async *watch(batches) {
      for await (const batch of batches) {
        for (const event of batch) note(event);
        yield batch;
      }
    },
    failed(error) {
      failure = error;
    },
    write(logger) {
      const ended = clock.elapsed();
      const line: Record<string, unknown> = {
        model: exchange.turn.model,
        stream: exchange.stream,
        ms: Math.round(ended - began),
      };
      if (firstOutput !== null) line['firstTokenMs'] = Math.round(firstOutput - began);
      if (end !== null) {
        const { inputTokens, cachedTokens, outputTokens, reasoningTokens } = end.usage;
        Object.assign(line, { reason: end.reason, inputTokens, cachedTokens, outputTokens, reasoningTokens });
        if (end.repairs !== undefined) line['repairs'] = end.repairs;
        const seconds = (ended - (firstOutput ?? began)) / 1000;
        if (seconds > 0) line['tokensPerSecond'] = Math.round(outputTokens / seconds);
      }
      if (exchange.warnings.length > 0) line['warnings'] = exchange.warnings;
      if (failure === null) return logger.info(line, end === null ? 'turn left' : 'turn');
      line['error'] = failure.code;
      if (failure.code === 'request_cancelled') return logger.info(line, 'turn cancelled');
      line['status'] = failure.status;
      if (failure.cause !== undefined) line['err'] = failure.cause;
      if (failure.status >= 500) logger.error(line, 'turn failed');
      else logger.info(line, 'turn refused');
    },
  };
}
