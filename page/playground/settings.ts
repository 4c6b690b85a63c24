import type { Tool } from './tools.ts';

export type Api = 'responses' | 'chat';

/** What the form says; null: it is left to the gateway. */
export type Settings = {
  readonly api: Api;
  readonly model: string;
  readonly instructions: string;
  readonly tools: readonly Tool[];
  readonly toolChoice: 'auto' | 'required' | 'none';
  readonly format: Format;
  readonly effort: string | null;
  readonly temperature: number | null;
  readonly maxTokens: number | null;
};

export type Format =
  | { readonly type: 'text' }
  | { readonly type: 'json_object' }
  | { readonly type: 'json_schema'; readonly schema: object };
