import type { Config } from '../config-decide.ts';
import { readOtelEnvironment } from '../telemetry/otel-environment.ts';
import type { Traces } from '../telemetry/traces.ts';
import { servedModelOf } from './assemble.ts';
import { gatewayVersion } from './version.ts';

/** The traces that the environment asks for; null: none, and nothing is loaded for them. */
export async function openTraces(config: Config, onTrouble: (message: string) => void): Promise<Traces | null> {
  const settings = readOtelEnvironment(process.env);
  if (settings === null) return null;
  const { createTraces } = await import('../telemetry/traces.ts');
  return createTraces({ settings, version: gatewayVersion(), servedModel: servedModelOf(config), onTrouble });
}
