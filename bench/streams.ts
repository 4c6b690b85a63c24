import { Agent } from 'undici';

export type Api = 'chat' | 'responses';

export const paths = { chat: '/v1/chat/completions', responses: '/v1/responses' } as const satisfies Record<
  Api,
  string
>;

/** The text of an event that carries a delta, by API; what stands in it is the delta itself. */
const marks = {
  chat: '"delta":{"content":',
  responses: 'event: response.output_text.delta\n',
} as const satisfies Record<Api, string>;

/** A small streaming request whose answer begins at once: no reasoning. */
export function smallRequest(api: Api, model: string): object {
  const text = 'Say something.';
  return api === 'chat'
    ? { model, stream: true, reasoning_effort: 'none', messages: [{ role: 'user', content: text }] }
    : { model, stream: true, reasoning: { effort: 'none' }, input: text };
}

/** Streams that are open at the same time, and what has come by them. */
export type Streams = {
  /** Waits for that many deltas on all streams together. */
  received(deltas: number): Promise<void>;
  /** The last frame that held a delta. */
  lastDelta(): string;
  /** Waits for the end of all streams, and closes their connections. */
  ended(): Promise<void>;
};

/** No limits of the client's own: neither of connections nor of time. */
export const newAgent = () => new Agent({ connections: null, bodyTimeout: 0, headersTimeout: 0 });

/** Opens a stream on each of that many models. Resolves when all have answered with their headers. */
export async function openStreams(
  origin: string,
  {
    count,
    apiOf,
    bodyOf = smallRequest,
    onDelta = () => undefined,
  }: {
    readonly count: number;
    readonly apiOf: (stream: number) => Api;
    readonly bodyOf?: (api: Api, model: string) => object;
    readonly onDelta?: (frame: string) => void;
  },
): Promise<Streams> {
  const dispatcher = newAgent();
  let deltas = 0;
  let last = '';
  let onProgress: () => void = () => undefined;

  /** Resolves with the headers; `end` with the end of the stream. */
  function open(stream: number): Promise<{ readonly end: Promise<void> }> {
    const api = apiOf(stream);
    const frames = createFrameSplitter((frame) => {
      if (!frame.includes(marks[api])) return;
      deltas += 1;
      last = frame;
      onDelta(frame);
    });
    return new Promise((resolve, reject) => {
      let ending: { readonly resolve: () => void; readonly reject: (error: Error) => void } | null = null;
      // The handler itself, since the streams around it would take more time than what is measured.
      dispatcher.dispatch(
        {
          origin,
          path: paths[api],
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(bodyOf(api, `model-${stream}`)),
        },
        {
          onRequestStart: () => undefined,
          onResponseStart(_controller, status) {
            if (status !== 200) return reject(new Error(`the server answered ${status}`));
            const end = new Promise<void>((settle, fail) => {
              ending = { resolve: settle, reject: fail };
            });
            resolve({ end });
          },
          onResponseData(_controller, chunk) {
            frames.push(chunk.toString('latin1'));
            onProgress();
          },
          onResponseEnd: () => ending?.resolve(),
          onResponseError: (_controller, error) => (ending ?? { reject }).reject(error),
        },
      );
    });
  }

  const reading = await Promise.all(Array.from({ length: count }, (_, stream) => open(stream)));
  return {
    async received(wanted) {
      while (deltas < wanted) {
        await new Promise<void>((resolve) => {
          onProgress = resolve;
        });
      }
    },
    lastDelta: () => last,
    async ended() {
      await Promise.all(reading.map(({ end }) => end));
      await dispatcher.close();
    },
  };
}

/** Cuts a text that arrives in pieces at its empty lines. */
function createFrameSplitter(onFrame: (frame: string) => void): { push(piece: string): void } {
  let rest = '';
  return {
    push(piece) {
      const text = rest + piece;
      let at = 0;
      for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n', at)) {
        onFrame(text.slice(at, end));
        at = end + 2;
      }
      rest = text.slice(at);
    },
  };
}
