import type {
  ChatCompletion,
  ChatCompletionChunk,
  ChatCompletionMessage,
} from 'openai/resources/chat/completions/completions';
import type { Completion, CompletionChoice } from 'openai/resources/completions';

/* What goes over the wire in the types of OpenAI's SDK. Every difference between the two is listed here. */

/** OpenAI's API doesn't show it, and other servers do. */
type Reasoning = { reasoning_content?: string; reasoning?: string };

type ChunkChoice = Omit<ChatCompletionChunk.Choice, 'delta'> & { delta: ChatCompletionChunk.Choice.Delta & Reasoning };
export type WireChunk = Omit<ChatCompletionChunk, 'choices'> & { choices: ChunkChoice[] };

type Choice = Omit<ChatCompletion.Choice, 'message'> & { message: ChatCompletionMessage & Reasoning };
export type WireCompletion = Omit<ChatCompletion, 'choices'> & { choices: Choice[] };

// The stream's null, for "not yet" and for "not in this chunk", is missing from their type and not from their streams.
type TextChoice = Omit<CompletionChoice, 'finish_reason'> & { finish_reason: CompletionChoice['finish_reason'] | null };
export type WireTextChunk = Omit<Completion, 'choices' | 'usage'> & {
  choices: TextChoice[];
  usage?: Completion['usage'] | null;
  obfuscation?: string;
};
