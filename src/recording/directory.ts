import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TurnRecording } from './recording-schema.ts';

export type RecordingDirectory = {
  /** Writes a recording when those before it are written. */
  save(recording: TurnRecording): void;
  /** Resolves when all of them are written. */
  close(): Promise<void>;
};

const ending = '.recording.json';

/**
 * A directory of recordings, the last `maxFiles` of them; only its owner can read them. A file that is there is whole.
 * `onTrouble` is told what can't be written, and that recording is lost.
 */
export function openRecordingDirectory(options: {
  readonly directory: string;
  readonly maxFiles: number;
  readonly onTrouble: (error: unknown) => void;
}): RecordingDirectory {
  const { directory, maxFiles, onTrouble } = options;
  let writing = Promise.resolve();

  async function write(recording: TurnRecording): Promise<void> {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const { time, id } = recording.request;
    const path = join(directory, `${time.replaceAll(/[:.]/g, '-')}-${id}${ending}`);
    await writeFile(`${path}.part`, `${JSON.stringify(recording)}\n`, { mode: 0o600 });
    await rename(`${path}.part`, path);
    const names = (await readdir(directory)).filter((name) => name.endsWith(ending)).toSorted();
    for (const name of names.slice(0, -maxFiles)) await rm(join(directory, name), { force: true });
  }

  return {
    save(recording) {
      writing = writing.then(() => write(recording)).catch(onTrouble);
    },
    close: () => writing,
  };
}
