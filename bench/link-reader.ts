/**
 * The share of the daemon's socket: opens sessions through the real shim and the real backend, and drops what comes of
 * them. Runs as a process of its own: `node link-reader.js SOCKET LIBRARY`.
 */
import { randomUUID } from 'node:crypto';
import { createCodexpcBackend } from '../src/backends/codexpc/backend.ts';
import type { Session } from '../src/backends/backend.ts';
import { loadLibrary } from '../src/backends/codexpc/library.ts';
import { answerParent } from './child.ts';
import type { ProcessorTime } from './child.ts';
import { ages } from './stamp.ts';

export type LinkReaderCommands = {
  /** Opens that many sessions, each on an engine of its own. */
  open: { readonly detail: number; readonly reply: null };
  /** Waits for that many deltas since `open`. */
  received: { readonly detail: number; readonly reply: { readonly deltas: number; readonly batches: number } };
  /** Milliseconds that each delta with a time in it took. */
  ages: { readonly detail: null; readonly reply: readonly number[] };
  /** Waits for the ends of all sessions. */
  ended: { readonly detail: null; readonly reply: null };
  processorTime: { readonly detail: null; readonly reply: ProcessorTime };
};

const [socketPath, libraryPath] = process.argv.slice(2);
const backend = createCodexpcBackend({
  name: 'codexpc',
  library: loadLibrary(libraryPath!),
  service: socketPath!,
  input: 'tokens',
  askForTokens: true,
  cancelGrace: 1000,
  prefillGrace: 600_000,
  greetingTimeout: 600_000,
  longestOutput: Infinity,
  elapsed: () => performance.now(),
  newRequestId: () => randomUUID(),
  onOddity: (what) => console.error(what),
  onWarning: (what) => console.error(what),
});
/** The ends of the sessions. */
let ends: Promise<unknown>[] = [];
let deltas = 0;
let batches = 0;
let taken: number[] = [];
let onDelta: () => void = () => undefined;

async function read(session: Session): Promise<void> {
  for await (const batch of session.events) {
    const before = deltas;
    for (const event of batch) {
      if (event.type === 'token-delta') deltas += 1;
      if (event.type !== 'text-delta') continue;
      deltas += 1;
      taken.push(...ages(event.text));
    }
    if (deltas > before) batches += 1;
    onDelta();
  }
}

answerParent<LinkReaderCommands>({
  open(count) {
    deltas = 0;
    batches = 0;
    taken = [];
    ends = Array.from({ length: count }, (_, engine) => {
      const request = {
        id: randomUUID(),
        model: `model-${engine}`,
        checkpoint: `/bench/${engine}`,
        prefill: Uint32Array.of(1, 2, 3),
        messages: null,
        primeFinal: true,
        temperature: 1,
        maxOutputTokens: null,
      };
      return new Promise((resolve) => void read(backend.open(request, resolve)));
    });
    return null;
  },
  async received(count) {
    while (deltas < count) {
      await new Promise<void>((resolve) => {
        onDelta = resolve;
      });
    }
    return { deltas, batches };
  },
  ages: () => taken,
  async ended() {
    await Promise.all(ends);
    return null;
  },
  processorTime: () => process.cpuUsage(),
});
