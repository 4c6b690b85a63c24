/** Loaded into the gateway's process before its main module, so that a bench can ask how it is. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { answerParent } from './child.ts';
import type { ProcessorTime } from './child.ts';

export type ProbeCommands = {
  processorTime: { readonly detail: null; readonly reply: ProcessorTime };
  /** Bytes that are in use after a collection; needs `--expose-gc`. */
  memory: { readonly detail: null; readonly reply: { readonly heap: number; readonly outside: number } };
  /** Begins to watch the event loop. */
  watch: { readonly detail: null; readonly reply: null };
  /** The longest stall since `watch`, in milliseconds. */
  longestStall: { readonly detail: null; readonly reply: number };
};

/** Milliseconds between two looks at the event loop. */
const resolution = 1;
const delay = monitorEventLoopDelay({ resolution });

answerParent<ProbeCommands>({
  processorTime: () => process.cpuUsage(),
  memory() {
    for (let round = 0; round < 3; round += 1) globalThis.gc!();
    const { heapUsed, external, arrayBuffers } = process.memoryUsage();
    return { heap: heapUsed, outside: external + arrayBuffers };
  },
  watch() {
    delay.reset();
    delay.enable();
    return null;
  },
  longestStall() {
    delay.disable();
    return Math.max(0, delay.max / 1e6 - resolution);
  },
});
// The gateway must end as it does without a parent that listens.
process.channel?.unref();
