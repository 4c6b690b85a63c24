import { GatewayError } from './errors.ts';

/** A model that is served: a name for clients, a checkpoint for the engine. */
export type Model = {
  readonly id: string;
  readonly aliases: readonly string[];
  /** Path of the model file; names the engine. */
  readonly checkpoint: string;
  /** Most tokens of prompt and answer together. */
  readonly contextWindow: number;
  /** Most tokens of an answer; null: what the context window leaves. */
  readonly maxOutputTokens: number | null;
};

export type Models = {
  /** The served models, the default first. */
  readonly all: readonly Model[];
  /** The model of exactly this id or alias; null: none. */
  find(name: string): Model | null;
  /**
   * The model that serves a request for `name`: the one so called, else, unless names are strict, the default.
   *
   * @throws GatewayError `model_not_found`.
   */
  resolve(name: string): Model;
};

export function createModels(all: readonly Model[], options: { readonly strict: boolean }): Models {
  const find = (name: string) => all.find((model) => model.id === name || model.aliases.includes(name)) ?? null;
  return {
    all,
    find,
    resolve(name) {
      const model = find(name) ?? (options.strict ? null : (all[0] ?? null));
      if (model !== null) return model;
      throw modelNotFound(name, all);
    },
  };
}

export function modelNotFound(name: string, all: readonly Model[]): GatewayError {
  const served = all.map((model) => `'${model.id}'`).join(', ');
  return new GatewayError('model_not_found', `The model '${name}' does not exist here. Served: ${served}.`, {
    param: 'model',
  });
}
