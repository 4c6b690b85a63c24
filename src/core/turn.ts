/**
 * A turn: one request for one answer, in words that belong to no API, no rendering and no engine.
 *
 * A dialect makes it from a request; everything behind the dialects knows requests only in this form. All texts are
 * the caller's data, byte for byte: nothing here has been trimmed, normalised or escaped.
 */
export type Turn = {
  /** The model name as the client wrote it; the gateway decides which engine serves it. */
  readonly model: string;
  /** The conversation, oldest first. Instructions are its first item, a message of role `developer` or `system`. */
  readonly items: readonly TurnItem[];
  /**
   * What the engine goes on with instead of a conversation, which is then empty: a text as it stands, or token ids,
   * which alone may be control tokens. Absent: the conversation.
   */
  readonly raw?: string | readonly number[];
  readonly tools: readonly Tool[];
  readonly toolChoice: ToolChoice;
  /** Whether the model may call several tools before it sees an output. */
  readonly parallelToolCalls: boolean;
  readonly effort: Effort;
  readonly format: AnswerFormat;
  /** Most tokens the engine may generate, reasoning included; null: until it stops by itself. */
  readonly maxOutputTokens: number | null;
  /** 0 is greedy. The daemon clamps to 0…4. */
  readonly temperature: number;
  /** Texts at which the visible answer ends; the text itself is not shown. */
  readonly stop: readonly string[];
  /** What ties the turns of one conversation together, when the client says it; null: unknown. */
  readonly conversationKey: string | null;
  /** What becomes of a conversation that is too long. `auto`: its oldest turns are left out; `disabled`, or absent: it is refused. */
  readonly truncation?: 'auto' | 'disabled';
  /** What the request calls that in it which can turn out to be at fault later; absent: errors name no field. */
  readonly fields?: { readonly [part in 'conversation' | 'tools' | 'schema']?: string };
};

export type TurnItem = MessageItem | ReasoningItem | ToolCallItem | ToolOutputItem;

export type MessageItem = {
  readonly type: 'message';
  readonly role: 'system' | 'developer' | 'user' | 'assistant';
  readonly text: string;
  /** `commentary`: what an assistant says before it calls a tool. Read for assistant messages only. */
  readonly phase?: 'commentary' | 'final';
};

/** Chain of thought that a client sent back; rendered as analysis where Harmony keeps it. */
export type ReasoningItem = { readonly type: 'reasoning'; readonly text: string };

export type ToolCallItem = {
  readonly type: 'tool-call';
  readonly callId: string;
  readonly tool: ToolReference;
  /** A function's JSON arguments or a custom tool's free text, exactly as the model wrote it. */
  readonly input: string;
};

export type ToolOutputItem = {
  readonly type: 'tool-output';
  readonly callId: string;
  readonly text: string;
};

/** How a caller names a tool. `namespace` is null for tools that stand alone. */
export type ToolReference = {
  readonly type: 'function' | 'custom';
  readonly name: string;
  readonly namespace: string | null;
};

export type JsonSchema = { readonly [keyword: string]: unknown };

export type Tool = FunctionTool | CustomTool;

export type FunctionTool = {
  readonly type: 'function';
  readonly name: string;
  readonly namespace: string | null;
  readonly description: string | null;
  /** JSON Schema of the arguments; null: the function takes none. */
  readonly parameters: JsonSchema | null;
  /** The arguments must match the schema, or the turn fails. */
  readonly strict: boolean;
};

/** A tool that takes free text instead of JSON arguments. */
export type CustomTool = {
  readonly type: 'custom';
  readonly name: string;
  readonly namespace: string | null;
  readonly description: string | null;
  /** What the text must look like; null: anything. */
  readonly grammar: { readonly syntax: 'lark' | 'regex'; readonly definition: string } | null;
};

export type ToolChoice =
  | { readonly type: 'none' }
  | { readonly type: 'auto' }
  | { readonly type: 'required' }
  | { readonly type: 'named'; readonly tool: ToolReference }
  | { readonly type: 'allowed'; readonly mode: 'auto' | 'required'; readonly tools: readonly ToolReference[] };

/** How long the model may think. `none`: no thinking, the answer starts at once. */
export type Effort = 'none' | 'low' | 'medium' | 'high';

export type AnswerFormat =
  | { readonly type: 'text' }
  | { readonly type: 'json-object' }
  | {
      readonly type: 'json-schema';
      readonly name: string;
      readonly description: string | null;
      readonly schema: JsonSchema;
      readonly strict: boolean;
    };
