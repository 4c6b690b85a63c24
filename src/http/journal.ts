/** Writes what changes all the time to where writing costs something. */
export type Journal = {
  /** There is something to write. */
  changed(): void;
  /** Begins no more writing, and resolves when the last has ended. */
  close(): Promise<void>;
};

export type JournalOptions = {
  /** Writes all there is; called again only when it has ended. Must not reject. */
  readonly write: () => Promise<void>;
  /** Milliseconds from a change until it is written, and between two writes: what changes meanwhile is written at once. */
  readonly interval: number;
  /** Milliseconds after which it is called although nothing has changed. */
  readonly longest: number;
};

export function keepJournal({ write, interval, longest }: JournalOptions): Journal {
  let timer: NodeJS.Timeout | null = null;
  let writing: Promise<void> | null = null;
  let isDirty = false;
  let isClosed = false;

  function arm(milliseconds: number): void {
    if (timer !== null) clearTimeout(timer);
    timer = isClosed ? null : setTimeout(begin, milliseconds);
  }

  function begin(): void {
    isDirty = false;
    writing = write().finally(() => {
      writing = null;
      arm(isDirty ? interval : longest);
    });
  }

  arm(longest);
  return {
    changed() {
      if (isDirty || isClosed) return;
      isDirty = true;
      if (writing === null) arm(interval);
    },
    async close() {
      isClosed = true;
      if (timer !== null) clearTimeout(timer);
      await writing;
    },
  };
}
