import { closeSync, openSync } from 'node:fs';

export type HangUps = {
  /** Has this done at every SIGHUP from now on, and at once if there was one before. */
  onReload(reload: () => void): void;
};

/**
 * Takes SIGHUP for the wish to read the configuration again. The same signal tells that the terminal which the process
 * was started from has been closed; then it ends the process, as it does all others there.
 */
export function watchHangUps(): HangUps {
  const hadTerminal = hasTerminal();
  let reload: (() => void) | null = null;
  let isWanted = false;
  function onHangUp(): void {
    if (hadTerminal && !hasTerminal()) {
      process.off('SIGHUP', onHangUp);
      process.kill(process.pid, 'SIGHUP');
    } else if (reload === null) isWanted = true;
    else reload();
  }
  process.on('SIGHUP', onHangUp);
  return {
    onReload(listener) {
      reload = listener;
      if (isWanted) listener();
      isWanted = false;
    },
  };
}

function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return true;
  } catch {
    return false;
  }
}
