import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { SimulatorScript } from '../simulator/script.ts';
import { isRecording, parseRecording } from '../recording/recording-schema.ts';
import { parseScript } from '../simulator/script-schema.ts';
import { scriptOfRecording } from './recorded-script.ts';

/**
 * Reads a simulator script, YAML or JSON, or a recorded turn, which the simulator is to play.
 *
 * @throws Error naming the file and the place at fault.
 */
export function readScript(path: string): SimulatorScript {
  try {
    const text = readFileSync(path, 'utf8');
    const value: unknown = parse(text);
    return isRecording(value) ? scriptOfRecording(parseRecording(text), { pauses: true }) : parseScript(value);
  } catch (cause) {
    throw new Error(`The simulator script ${path} can't be used: ${(cause as Error).message}`, { cause });
  }
}
