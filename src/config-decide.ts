import type { Given } from './config-given.ts';
import { usualService } from './config-schema.ts';
import type { WrittenConfig } from './config-schema.ts';
import { apiKeysOf, keyProblems } from './config-keys.ts';
import type { ApiKey } from './core/api-keys.ts';
import type { Model } from './core/models.ts';

/** The configuration as the gateway runs by it: `auto` decided, paths absolute, at least one model. */
export type Config = Omit<WrittenConfig, 'backend' | 'checkpoint' | 'model' | 'models' | 'server'> & {
  readonly server: Omit<WrittenConfig['server'], 'apiKeys'> & { readonly apiKeys: readonly ApiKey[] };
  readonly backend: Omit<WrittenConfig['backend'], 'type' | 'service'> & {
    readonly service: string;
    readonly type: 'codexpc' | 'simulator';
    /** What decided the type: `CODEXPC_CHECKPOINT`, `gateway.yaml:3`, `no checkpoint and no service is configured`. */
    readonly reason: string;
  };
  /** The default first; never empty. */
  readonly models: readonly Model[];
};

/** Follows from what is written what the gateway does; `given` tells who wrote it, `daemonOnly` is that of the sources. */
export function decide(written: WrittenConfig, given: Given, daemonOnly: boolean): Config {
  const { backend, checkpoint, model, models, server, ...rest } = written;
  return {
    ...rest,
    server: { ...server, apiKeys: apiKeysOf(server.apiKeys, written.limits) },
    backend: { ...backend, service: backend.service ?? usualService, ...backendType(written, given, daemonOnly) },
    models: models.length > 0 ? models : [soleModel(model, checkpoint)],
  };
}

/** Paths as they are on this machine, whatever the directory of the process that is told them. */
export function withAbsolutePaths(written: WrittenConfig, given: Given): WrittenConfig {
  const { backend, checkpoint, models, recording, simulator, store, log } = written;
  return {
    ...written,
    backend: { ...backend, library: backend.library && given.get('backend.library')!.absolute(backend.library) },
    checkpoint: checkpoint && given.get('checkpoint')!.absolute(checkpoint),
    models: models.map((entry) => ({ ...entry, checkpoint: given.get('models')!.absolute(entry.checkpoint) })),
    recording: {
      ...recording,
      directory: recording.directory && given.get('recording.directory')!.absolute(recording.directory),
    },
    log: { ...log, file: log.file && given.get('log.file')!.absolute(log.file) },
    store: {
      ...store,
      path: store.path && given.get('store.path')!.absolute(store.path),
      sealKey: store.sealKey && given.get('store.sealKey')!.absolute(store.sealKey),
    },
    simulator: { ...simulator, script: simulator.script && given.get('simulator.script')!.absolute(simulator.script) },
  };
}

function backendType(
  { backend, checkpoint, models }: WrittenConfig,
  given: Given,
  daemonOnly: boolean,
): Pick<Config['backend'], 'type' | 'reason'> {
  if (backend.type !== 'auto') return { type: backend.type, reason: given.get('backend.type')!.source };
  if (daemonOnly) return { type: 'codexpc', reason: 'the command asks the daemon' };
  const decisive =
    (checkpoint !== null && given.get('checkpoint')) ||
    (models.length > 0 && given.get('models')) ||
    (backend.service !== null && given.get('backend.service'));
  if (decisive) return { type: 'codexpc', reason: decisive.source };
  return { type: 'simulator', reason: 'no checkpoint and no service is configured' };
}

/** What the simulator's engine is called when nothing names one. */
const simulatedCheckpoint = 'simulated';

function soleModel(name: string | null, checkpoint: string | null): Model {
  const id = name ?? (checkpoint === null ? 'gpt-oss-20b' : nameIn(checkpoint));
  const size = /^gpt-oss-(\d+b)$/.exec(id)?.[1];
  return {
    id,
    // How Ollama and the model's publisher call it, and so clients that were set up for them.
    aliases: size === undefined ? [] : [`gpt-oss:${size}`, `openai/gpt-oss-${size}`],
    checkpoint: checkpoint ?? simulatedCheckpoint,
    contextWindow: 131_072,
    maxOutputTokens: null,
  };
}

/** `…/gpt-oss-20b/metal/model.bin` is gpt-oss-20b; where no part of the path is so called, the file's own name counts. */
function nameIn(checkpoint: string): string {
  const known = /gpt-oss-\d+b/i.exec(checkpoint);
  if (known !== null) return known[0].toLowerCase();
  const last = checkpoint.split('/').findLast((part) => part !== '') ?? checkpoint;
  return last.replace(/(?<=.)\.[^.]*$/, '');
}

/** What can't be used although each setting is right by itself; a sentence each. */
export function contradictions(config: Config, written: WrittenConfig, daemonOnly: boolean): string[] {
  const { server, backend, models } = config;
  const problems = [...keyProblems(server.apiKeys), ...opennessProblems(server)];
  if (server.headersTimeout > server.requestTimeout) {
    problems.push('server.headersTimeout is longer than server.requestTimeout, of which it is a part.');
  }
  if (written.checkpoint !== null && written.models.length > 0) {
    problems.push('Both checkpoint and models are given: checkpoint is for one model, models for several.');
  }
  if (backend.type === 'codexpc' && !daemonOnly && written.checkpoint === null && written.models.length === 0) {
    problems.push(
      `The codexpc backend is configured (${backend.reason}), but no checkpoint: set CODEXPC_CHECKPOINT (or CODEXPC_CHECKPOINT_PATH) to the path of the model file, or use --checkpoint, or list models in the configuration file.`,
    );
  }
  const names = models.flatMap(({ id, aliases }) => [id, ...aliases]);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) problems.push(`Two models are called '${twice}'.`);
  return problems;
}

/** What can be used and is likely not meant; a sentence each. */
export function cautions({ limits }: Config): string[] {
  if (limits.sessionsPerEngine === 1) return [];
  return [
    `limits.sessionsPerEngine is ${limits.sessionsPerEngine}: today's codexpc daemon runs the sessions of a checkpoint on one engine, so that answers made at the same time corrupt each other. Set it to 1 unless your daemon keeps them apart.`,
  ];
}

/** Why a server at this address may not have these keys; a sentence, or none. */
export function opennessProblems({ host, apiKeys }: Pick<Config['server'], 'host' | 'apiKeys'>): string[] {
  if (isLoopback(host) || apiKeys.length > 0) return [];
  return [
    `Other machines can reach server.host ${host}, so API keys are needed: set CODEXPC_GATEWAY_API_KEYS or server.apiKeys, or listen on 127.0.0.1.`,
  ];
}

export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|::1)$/i.test(host);
}
