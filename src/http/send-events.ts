import type { FastifyReply } from 'fastify';
import { drained } from './drained.ts';
import type { EventReader } from './kept-responses.ts';
import { beginEventStream, formatFrame } from './sse.ts';
import type { StreamTiming } from './stream-answer.ts';

/** Code units that are written at once: what each of many slow readers may have waiting. */
const writeLength = 65_536;

/**
 * Sends events that are kept elsewhere, each with its number as `id`: a client that has lost its connection asks for
 * what follows on the last one it got.
 */
export async function sendEvents(
  reply: FastifyReply,
  read: EventReader,
  { keepAliveInterval, stallTimeout }: StreamTiming,
): Promise<undefined> {
  const { raw } = reply;
  const left = new AbortController();
  const onClose = () => left.abort();
  raw.once('close', onClose);
  if (raw.destroyed) onClose();
  reply.hijack();
  beginEventStream(reply);
  raw.flushHeaders();
  const keepAlive = setInterval(() => {
    // A comment: these events have numbers that no other may take.
    if (!raw.writableNeedDrain && !raw.destroyed) raw.write(formatFrame({ event: null, data: null }));
  }, keepAliveInterval);
  try {
    for await (const { first, frames } of read(left.signal)) {
      let text = '';
      for (const [index, frame] of frames.entries()) {
        text += `id: ${first + index}\n${formatFrame(frame)}`;
        if (text.length < writeLength && index < frames.length - 1) continue;
        for (const piece of pieces(text)) {
          if (raw.destroyed) return;
          keepAlive.refresh();
          if (!raw.write(piece)) await drained(raw, stallTimeout);
        }
        text = '';
      }
    }
  } finally {
    clearInterval(keepAlive);
    raw.off('close', onClose);
  }
}

/** The text in pieces that are texts by themselves: no character is cut in two. */
function* pieces(text: string): Generator<string, void, undefined> {
  for (let from = 0; from < text.length;) {
    let to = Math.min(text.length, from + writeLength);
    if (to < text.length && (text.charCodeAt(to - 1) & 0xfc00) === 0xd800) to++;
    yield text.slice(from, to);
    from = to;
  }
}
