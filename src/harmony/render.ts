import { control } from './encoding.ts';
import type { HarmonyContent, HarmonyMessage, HarmonyRole } from './message.ts';
import { developerText, sortedNamespaces, systemText } from './sections.ts';

/**
 * A piece of a rendering: a control token by its id, or a text that is encoded by itself, as ordinary text.
 *
 * Control tokens come from this file alone. A `<|start|>` inside a text is seven or so ordinary tokens, so nothing
 * that a caller writes can open, end or redirect a message. Every text is encoded on its own, also beside another
 * text, as the reference does it: tokens never span two segments, and a cache by segment is exact.
 */
export type Segment = number | string;

export type RenderOptions = {
  /**
   * Whether analysis messages before the first final message stay when the assistant spoke last in the final channel.
   * The reference drops them unless told otherwise, and so does the absence of this option.
   */
  readonly keepAnalysis?: boolean;
};

/** Whose turn comes after the conversation. */
export type Completion = {
  readonly nextRole?: HarmonyRole;
  /** Whether the next message's header is given too, so that sampling starts inside the final channel. */
  readonly primeFinal?: boolean;
};

const constrain = '<|constrain|>';

/** The whole conversation, every message ended. */
export function segmentsOf(messages: readonly HarmonyMessage[], options: RenderOptions = {}): Segment[] {
  const functionTools = messages.some((message) => message.content.some(declaresFunctions));
  const dropped = options.keepAnalysis === true ? 0 : analysisBefore(messages);
  const segments: Segment[] = [];
  for (const [index, message] of messages.entries()) {
    if (index < dropped && message.channel === 'analysis') continue;
    pushMessage(segments, message, functionTools);
  }
  return segments;
}

/** The conversation and the open header of the next message: what an engine is given to continue. */
export function completionSegments(
  messages: readonly HarmonyMessage[],
  options: RenderOptions & Completion = {},
): Segment[] {
  const segments = segmentsOf(messages, options);
  segments.push(control.start, options.nextRole ?? 'assistant');
  if (options.primeFinal === true) segments.push(control.channel, 'final', control.message);
  return segments;
}

/** The conversation as a training example: a final answer at its very end is closed by `<|return|>`. */
export function trainingSegments(messages: readonly HarmonyMessage[], options: RenderOptions = {}): Segment[] {
  const segments = segmentsOf(messages, options);
  const last = messages.at(-1);
  if (last?.role === 'assistant' && last.channel === 'final') segments[segments.length - 1] = control.return;
  return segments;
}

/** Tokens of the segments. `encodeText` must be an encoder of ordinary text, or a cache in front of one. */
export function encodeSegments(segments: readonly Segment[], encodeText: (text: string) => Uint32Array): Uint32Array {
  const pieces = segments.map((segment) => (typeof segment === 'number' ? segment : encodeText(segment)));
  let length = 0;
  for (const piece of pieces) length += typeof piece === 'number' ? 1 : piece.length;
  const tokens = new Uint32Array(length);
  let offset = 0;
  for (const piece of pieces) {
    if (typeof piece === 'number') tokens[offset++] = piece;
    // Most pieces are words of a header, for which a call of `set` is dearer than the copy.
    else if (piece.length <= 8) for (let index = 0; index < piece.length; index++) tokens[offset++] = piece[index]!;
    else {
      tokens.set(piece, offset);
      offset += piece.length;
    }
  }
  return tokens;
}

function pushMessage(segments: Segment[], message: HarmonyMessage, functionTools: boolean): void {
  segments.push(control.start);
  if (message.role === 'tool') {
    segments.push(message.name ?? 'tool');
  } else {
    segments.push(message.role);
    if (message.name !== null) segments.push(`:${message.name}`);
  }
  if (message.recipient !== null && message.recipient !== 'all') segments.push(` to=${message.recipient}`);
  if (message.channel !== null) segments.push(control.channel, message.channel);
  if (message.contentType?.startsWith(constrain)) {
    segments.push(' ', control.constrain, message.contentType.slice(constrain.length));
  } else if (message.contentType !== null) {
    segments.push(` ${message.contentType}`);
  }
  segments.push(control.message);
  for (const content of message.content) segments.push(contentText(content, functionTools));
  segments.push(message.role === 'assistant' && message.recipient !== null ? control.call : control.end);
}

function contentText(content: HarmonyContent, functionTools: boolean): string {
  switch (content.type) {
    case 'text':
      return content.text;
    case 'system':
      return systemText(content.system, functionTools);
    case 'developer':
      return developerText(content.developer);
  }
}

/** Whether a content declares functions, which adds a line to the system message. */
export function declaresFunctions(content: HarmonyContent): boolean {
  if (content.type !== 'developer') return false;
  return sortedNamespaces(content.developer.tools).some(({ name, tools }) => name === 'functions' && tools.length > 0);
}

/** Index before which analysis messages are dropped; 0 while the assistant's last word is no final answer. */
function analysisBefore(messages: readonly HarmonyMessage[]): number {
  const last = messages.findLast((message) => message.role === 'assistant');
  if (last?.channel !== 'final') return 0;
  return messages.findIndex((message) => message.channel === 'final');
}
