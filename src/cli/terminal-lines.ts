import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { GatewayError } from '../core/errors.ts';
import type { Lines } from './chat-conversation.ts';

/**
 * Lines of standard input, typed with a prompt and a line's editing keys on a terminal. Ctrl-C stops an answer, and
 * where there is none, ends the input; `stop` does both.
 */
export function createTerminalLines(
  input: Readable & { readonly isTTY?: boolean },
  output: Writable,
  stop: AbortSignal,
): Lines & { close(): void } {
  const terminal = input.isTTY === true;
  const reader = createInterface({ input, terminal, ...(terminal ? { output } : {}) });
  const lines = reader[Symbol.asyncIterator]();
  let answering: AbortController | null = null;
  reader.on('SIGINT', () => {
    if (answering === null) reader.close();
    else answering.abort(new GatewayError('request_cancelled', 'Stopped.'));
  });
  const onStop = () => {
    answering?.abort(new GatewayError('shutting_down', 'Stopped.'));
    reader.close();
  };
  if (stop.aborted) onStop();
  else stop.addEventListener('abort', onStop, { once: true });

  return {
    async next(prompt) {
      answering = null;
      if (terminal) {
        reader.setPrompt(prompt);
        reader.prompt();
      }
      const { value, done } = await lines.next();
      return done === true ? null : value;
    },
    interruption() {
      answering = new AbortController();
      return answering.signal;
    },
    close() {
      stop.removeEventListener('abort', onStop);
      reader.close();
    },
  };
}
