import type { Access } from '../access.ts';
import { readFrames } from '../event-stream.ts';
import type { Frame } from '../event-stream.ts';
import type { AnswerEvent, AnswerReader } from './answer.ts';
import { createChatReader } from './chat-reader.ts';
import type { ApiRequest } from './request.ts';
import { createResponsesReader } from './responses-reader.ts';

/** How a request ended: by itself, by the stop button, or not at all. */
export type Outcome =
  | { readonly type: 'ended'; readonly reason: string }
  | { readonly type: 'stopped' }
  | { readonly type: 'failed'; readonly message: string };

export type Heard = {
  begun(requestId: string | null): void;
  frame(frame: Frame): void;
  event(event: AnswerEvent): void;
};

/** Sends a request and tells what comes, until its end; aborting the signal stops the engine too. */
export async function runRequest(
  access: Access,
  { api, path, body }: ApiRequest,
  heard: Heard,
  signal: AbortSignal,
): Promise<Outcome> {
  const read: AnswerReader = api === 'responses' ? createResponsesReader() : createChatReader();
  try {
    const answer = await access.send(path, { body, signal });
    heard.begun(answer.headers.get('x-request-id'));
    for await (const frame of readFrames(answer.body!)) {
      heard.frame(frame);
      if (frame.data === null) continue;
      for (const event of read(frame.data)) {
        if (event.type === 'failed') return event;
        if (event.type === 'end') return { type: 'ended', reason: event.reason };
        heard.event(event);
      }
    }
    return { type: 'failed', message: 'The stream broke off before its end.' };
  } catch (error) {
    return signal.aborted ? { type: 'stopped' } : { type: 'failed', message: (error as Error).message };
  }
}
