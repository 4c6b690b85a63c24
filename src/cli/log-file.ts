import { appendFileSync, closeSync, fstatSync, mkdirSync, openSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * A log that holds at most about `2 * maxBytes`: a file that would grow beyond `maxBytes` is renamed to `PATH.1`, in the
 * place of the one that was so called, and begun anew. Lines are never split between the two.
 *
 * @param onFailure told once in a row, when lines can't be written; the gateway goes on without them.
 * @throws Error naming the file when it can't be opened.
 */
export function openLogFile(
  path: string,
  maxBytes: number,
  onFailure: (message: string) => void,
): { write(line: string): void } {
  let file: number;
  try {
    mkdirSync(dirname(path), { recursive: true });
    file = openSync(path, 'a', 0o600);
  } catch (cause) {
    throw new Error(`The log file can't be opened: ${(cause as Error).message}. It is the setting log.file.`, {
      cause,
    });
  }
  let bytes = fstatSync(file).size;
  let failed = false;

  function beginAnew(): void {
    renameSync(path, `${path}.1`);
    const next = openSync(path, 'a', 0o600);
    closeSync(file);
    file = next;
    bytes = 0;
  }

  return {
    write(line) {
      const length = Buffer.byteLength(line);
      try {
        if (bytes > 0 && bytes + length > maxBytes) beginAnew();
        appendFileSync(file, line);
        bytes += length;
        failed = false;
      } catch (error) {
        if (!failed) onFailure(`The log file can't be written: ${(error as Error).message}\n`);
        failed = true;
      }
    },
  };
}
