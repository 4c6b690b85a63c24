/** Loaded into the gateway's process before its main module, so that a bench can ask how it is. */
import { answerParent } from './child.ts';
import type { ProcessorTime } from './child.ts';
import { measureMemory } from './memory.ts';
import type { Memory } from './memory.ts';

export type ProbeCommands = {
  processorTime: { readonly detail: null; readonly reply: ProcessorTime };
  memory: { readonly detail: null; readonly reply: Memory };
  /** Begins to watch the event loop. */
  watch: { readonly detail: null; readonly reply: null };
  /** The longest stall since `watch`, in milliseconds; call it once. */
  longestStall: { readonly detail: null; readonly reply: number };
};

/** Milliseconds between two looks at the event loop. */
const resolution = 1;

/**
 * Watches for stalls. One is as long as the event loop was late or as the process was at work meanwhile, whichever is
 * less: on a busy machine it is also late because others had the processor.
 */
function watchEventLoop(): { readonly stop: () => number } {
  let longest = 0;
  let time = performance.now();
  let work = workTime();
  const look = (): void => {
    const late = performance.now() - time - resolution;
    const worked = workTime() - work;
    longest = Math.max(longest, Math.min(late, worked));
    time = performance.now();
    work = workTime();
  };
  const timer = setInterval(look, resolution);
  return {
    stop() {
      look();
      clearInterval(timer);
      return longest;
    },
  };
}

/** Milliseconds of processor time since the start. */
function workTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

let watch = watchEventLoop();
watch.stop();

answerParent<ProbeCommands>({
  processorTime: () => process.cpuUsage(),
  memory: measureMemory,
  watch() {
    watch = watchEventLoop();
    return null;
  },
  longestStall: () => watch.stop(),
});
// The gateway must end as it does without a parent that listens.
process.channel?.unref();
