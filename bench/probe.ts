/** Loaded into the gateway's process before its main module, so that a bench can ask how it is. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { answerParent } from './child.ts';
import type { ProcessorTime } from './child.ts';
import { measureMemory } from './memory.ts';
import type { Memory } from './memory.ts';

export type ProbeCommands = {
  processorTime: { readonly detail: null; readonly reply: ProcessorTime };
  memory: { readonly detail: null; readonly reply: Memory };
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
  memory: measureMemory,
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
