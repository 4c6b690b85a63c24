import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Waits until no other process holds the lock, then takes it. The lock of a process that has died counts as free.
 *
 * @param {string} path of the lock file, which holds the process id of its holder.
 * @param {(message: string) => void} say is told, once, that there is waiting to be done.
 * @returns {() => void} what gives the lock back.
 */
export function takeLock(path, say) {
  const mine = `${path}.${process.pid}`;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(mine, String(process.pid));
  try {
    let waiting = false;
    // A link appears with its content, so nobody sees a lock without a holder.
    while (!linked(mine, path)) {
      const holder = read(path);
      if (holder === null) continue;
      if (!isAlive(Number(holder))) {
        removeLockOf(holder, path);
        continue;
      }
      if (!waiting) say(`waiting for process ${holder}, which is at it (${path} names it)`);
      waiting = true;
      pause(100);
    }
  } finally {
    rmSync(mine, { force: true });
  }
  return () => rmSync(path, { force: true });
}

function linked(from, to) {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    throw error;
  }
}

/** Removes the lock of a dead process, unless somebody else has done so and taken it in the meantime. */
function removeLockOf(holder, path) {
  const removed = `${path}.${process.pid}.removed`;
  try {
    renameSync(path, removed);
  } catch (error) {
    if (error.code === 'ENOENT') return;
    throw error;
  }
  if (read(removed) !== holder) linked(removed, path);
  rmSync(removed, { force: true });
}

function isAlive(processId) {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function pause(milliseconds) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
