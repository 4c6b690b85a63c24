/** Shows what is being waited for; what it gives back ends that, and may be called more than once. */
export type Waiting = (what: string) => () => void;

type Terminal = { readonly isTTY?: boolean; write(text: string): unknown };

/** Milliseconds after which somebody begins to wonder, and between two looks of the bar. */
const patience = 400;
const interval = 100;

const width = 12;
const block = 4;

/** Goes back to the beginning of the line and clears it. */
const clear = '\r\u001b[K';

/**
 * Shows waits in the last line of a terminal: a bar that moves, since nobody knows how long an engine will take, what is
 * waited for, and for how long already. The line is gone when the wait is over. Where there is no terminal nothing is
 * shown.
 */
export function createWaiting(terminal: Terminal, now: () => number): Waiting {
  return (what) => {
    if (terminal.isTTY !== true) return () => {};
    const since = now();
    let isShown = false;
    const timer = setInterval(() => {
      const elapsed = now() - since;
      if (elapsed < patience) return;
      isShown = true;
      terminal.write(`${clear}${bar(Math.floor(elapsed / interval))} ${what} … ${(elapsed / 1000).toFixed(1)} s`);
    }, interval);
    timer.unref();
    return () => {
      clearInterval(timer);
      if (isShown) terminal.write(clear);
      isShown = false;
    };
  };
}

/** A block that goes to and fro. */
function bar(step: number): string {
  const ways = width - block;
  const place = Math.abs(((step + ways) % (2 * ways)) - ways);
  return `[${' '.repeat(place)}${'='.repeat(block)}${' '.repeat(ways - place)}]`;
}
