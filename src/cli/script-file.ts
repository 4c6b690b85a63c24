import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { SimulatorScript } from '../simulator/script.ts';
import { parseScript } from '../simulator/script-schema.ts';

/**
 * Reads a simulator script, YAML or JSON.
 *
 * @throws Error naming the file and the place at fault.
 */
export function readScript(path: string): SimulatorScript {
  try {
    return parseScript(parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    throw new Error(`The simulator script ${path} can't be used: ${(cause as Error).message}`, { cause });
  }
}
