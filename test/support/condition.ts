/** Waiting for what a growing record comes to hold. The test's own time limit ends a wait for what never comes. */
export type Condition = {
  /** Resolves with what `find` finds, now or after a `changed`; rejects when the record is `closed` without it. */
  until<Found>(find: () => Found | undefined | null | false): Promise<Found>;
  /** Something was added to the record. */
  changed(): void;
  /** Nothing will be added any more; `why` becomes the error of those that still wait. */
  closed(why: () => string): void;
};

export function createCondition(): Condition {
  const looks = new Set<() => void>();
  let end: (() => string) | null = null;
  const lookAll = () => {
    for (const look of looks) look();
  };
  return {
    until: (find) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = find();
          if (found === undefined || found === null || found === false) {
            if (end === null) return;
            looks.delete(look);
            reject(new Error(end()));
            return;
          }
          looks.delete(look);
          resolve(found);
        };
        looks.add(look);
        look();
      }),
    changed: lookAll,
    closed(why) {
      end ??= why;
      lookAll();
    },
  };
}
