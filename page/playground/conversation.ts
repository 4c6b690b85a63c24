/** What has been said so far, in the words of neither API, so that a conversation can go on in the other one. */
export type Entry = UserText | Reasoning | AnswerText | ToolCall | ToolOutput;

export type UserText = { readonly type: 'user'; readonly text: string };

/** `id`: the item's, where the API gives it one. */
export type Reasoning = { readonly type: 'reasoning'; readonly id: string | null; text: string };

/** `phase`: what the Responses API calls it; null: not said. */
export type AnswerText = { readonly type: 'text'; readonly phase: string | null; text: string };

export type ToolCall = {
  readonly type: 'call';
  readonly callId: string;
  readonly kind: 'function' | 'custom';
  readonly name: string;
  /** JSON arguments, or a custom tool's free text. */
  text: string;
};

export type ToolOutput = {
  readonly type: 'output';
  readonly callId: string;
  readonly kind: 'function' | 'custom';
  readonly text: string;
};

export type Said = Reasoning | AnswerText | ToolCall;
