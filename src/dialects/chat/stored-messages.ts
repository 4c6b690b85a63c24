import { z } from 'zod';
import { metadata } from '../metadata.ts';
import type { Metadata } from '../metadata.ts';
import { optional, parseRequest } from '../parse.ts';

export type ToStore = {
  readonly metadata: Metadata;
  /** The messages as they are listed, for the completion of this id. */
  messages(completionId: string): readonly { readonly id: string }[];
};

const labels = z.object({ metadata: optional(metadata) });

/**
 * What a request that is already understood wants to be stored.
 *
 * @throws GatewayError naming the field at fault.
 */
export function toStore(body: object): ToStore {
  const { messages } = body as { readonly messages: readonly Record<string, unknown>[] };
  return {
    metadata: parseRequest(labels, body).metadata ?? {},
    messages: (completionId) => messages.map((message, index) => storedMessage(`${completionId}-${index}`, message)),
  };
}

/** `ChatCompletionStoreMessage` of OpenAI's SDK. */
function storedMessage(id: string, message: Record<string, unknown>): { readonly id: string } {
  const { content, name } = message;
  const parts = Array.isArray(content) ? (content as readonly unknown[]) : null;
  return Object.assign(
    { ...message, id },
    {
      content: parts === null ? (content ?? null) : parts.map(textOf).join(''),
      content_parts: parts,
      name: name ?? null,
    },
  );
}

function textOf(part: unknown): string {
  const { text } = part as { readonly text?: unknown };
  return typeof text === 'string' ? text : '';
}
