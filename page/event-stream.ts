/** One event of a stream, as the gateway wrote it: its name, its data, and its whole text. */
export type Frame = { readonly event: string | null; readonly data: string | null; readonly text: string };

/**
 * Reads server-sent events (HTML standard, 9.2) out of chunks of text. Lines may end in any of the three ways, and a
 * chunk anywhere; what has no blank line behind it when the stream ends is dropped, as the standard wants it.
 */
export function createFrameReader(): { push(text: string): Frame[] } {
  let rest = '';
  return {
    push(text) {
      // A carriage return at the end may be the first half of a line's end.
      const whole = rest + text;
      const held = whole.endsWith('\r') ? '\r' : '';
      const parts = whole
        .slice(0, whole.length - held.length)
        .replace(/\r\n?/g, '\n')
        .split('\n\n');
      rest = parts.pop()! + held;
      return parts.map(frameOf);
    },
  };
}

function frameOf(text: string): Frame {
  let event: string | null = null;
  const data: string[] = [];
  for (const line of text.split('\n')) {
    const [, field, value] = /^([^:]*)(?:: ?(.*))?$/s.exec(line)!;
    if (field === 'event') event = value ?? '';
    if (field === 'data') data.push(value ?? '');
  }
  return { event, data: data.length === 0 ? null : data.join('\n'), text };
}

/** The events of an answer's body. */
export async function* readFrames(body: ReadableStream<Uint8Array>): AsyncGenerator<Frame, void, undefined> {
  const frames = createFrameReader();
  const decoder = new TextDecoder();
  const reader = body.getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      yield* frames.push(decoder.decode(next.value, { stream: true }));
    }
  } finally {
    void reader.cancel().catch(() => undefined);
  }
}
