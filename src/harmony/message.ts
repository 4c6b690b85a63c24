/**
 * A message of a Harmony conversation, as the reference implementation models it. Its header is
 * `<|start|>{author}[ to={recipient}][<|channel|>{channel}][ {contentType}]<|message|>`.
 */
export type HarmonyMessage = {
  readonly role: HarmonyRole;
  /** Who speaks: for a tool its full name, as in `functions.get_weather`; null: the role says it. */
  readonly name: string | null;
  readonly recipient: string | null;
  readonly channel: string | null;
  /**
   * Content type of the header. A leading `<|constrain|>`, as in `<|constrain|>json`, becomes the control token; all
   * else is ordinary text. Set by this project alone, never from a caller's data.
   */
  readonly contentType: string | null;
  /** Rendered one after the other with nothing between them. */
  readonly content: readonly HarmonyContent[];
};

export type HarmonyRole = 'system' | 'developer' | 'user' | 'assistant' | 'tool';

export type HarmonyContent =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'system'; readonly system: SystemContent }
  | { readonly type: 'developer'; readonly developer: DeveloperContent };

export type SystemContent = {
  readonly modelIdentity: string | null;
  readonly reasoningEffort: 'low' | 'medium' | 'high' | null;
  readonly conversationStartDate: string | null;
  readonly knowledgeCutoff: string | null;
  readonly channels: { readonly valid: readonly string[]; readonly required: boolean } | null;
  /** Built-in tools. Rendered in the order of their names, whatever their order here. */
  readonly tools: readonly ToolNamespace[];
};

export type DeveloperContent = {
  readonly instructions: string | null;
  /** Rendered in the order of the namespaces' names; of two with one name the later counts. */
  readonly tools: readonly ToolNamespace[];
};

/** Tools that share a prefix, as in `functions`. */
export type ToolNamespace = {
  readonly name: string;
  readonly description: string | null;
  /** Rendered in this order. */
  readonly tools: readonly ToolDescription[];
};

export type ToolDescription = {
  readonly name: string;
  readonly description: string;
  /** JSON Schema; null: no arguments. */
  readonly parameters: { readonly [keyword: string]: unknown } | null;
};
