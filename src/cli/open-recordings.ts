import type { Config } from '../config-decide.ts';
import type { Encoding } from '../harmony/encoding.ts';
import { openRecordingDirectory } from '../recording/directory.ts';
import { createRecorder } from '../recording/recorder.ts';
import type { Recorder } from '../recording/recorder.ts';
import { redact } from '../recording/redact.ts';
import { systemClock } from './runtime.ts';
import { gatewayVersion } from './version.ts';

/** The recorder that the configuration asks for; null: none. Closing it waits for what is being written. */
export function openRecordings(
  { recording }: Config,
  backend: string,
  encoding: Encoding,
  onTrouble: (error: unknown) => void,
): { readonly recorder: Recorder; close(): Promise<void> } | null {
  const { directory, maxFiles, maxBytes } = recording;
  if (directory === null) return null;
  const files = openRecordingDirectory({ directory, maxFiles, onTrouble });
  const recorder = createRecorder({
    clock: systemClock,
    gateway: {
      version: gatewayVersion(),
      backend,
      node: process.version,
      platform: `${process.platform} ${process.arch}`,
    },
    maxBytes,
    save: (turn) => files.save(recording.redact ? redact(turn, encoding) : turn),
  });
  return { recorder, close: files.close };
}
