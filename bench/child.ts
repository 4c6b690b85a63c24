import { fork } from 'node:child_process';
import type { ChildProcess, ForkOptions } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Processor time of a process, all threads, in microseconds since its start. */
export type ProcessorTime = { readonly user: number; readonly system: number };

/** Another process, which answers every command with one reply, in order. */
export type Child<Commands extends Replies> = {
  ask<Name extends keyof Commands & string>(
    type: Name,
    detail: Commands[Name]['detail'],
  ): Promise<Commands[Name]['reply']>;
  /** Ends it and waits for its end. */
  end(): Promise<void>;
};

/** What a child can be asked, by name: what is told with it, and what it replies. */
export type Replies = { readonly [name: string]: { readonly detail: unknown; readonly reply: unknown } };

type Question = { readonly id: number; readonly type: string; readonly detail: unknown };
type Answer = { readonly id: number; readonly reply?: unknown; readonly failure?: string };

/** Milliseconds that a child may take to end by itself. */
const patience = 5000;

/** A module of this folder, as the running form of it: built or not. */
export function sibling(name: string): string {
  return fileURLToPath(new URL(`./${name}${extname(import.meta.url)}`, import.meta.url));
}

export function startChild<Commands extends Replies>(
  file: string,
  parameters: readonly string[],
  options: ForkOptions = {},
): Child<Commands> {
  return talkTo(fork(file, parameters, options), file);
}

function talkTo<Commands extends Replies>(child: ChildProcess, name: string): Child<Commands> {
  const waiting = new Map<number, { resolve: (reply: never) => void; reject: (error: Error) => void }>();
  let lastId = 0;
  let ended = false;
  const gone = new Promise<void>((resolve) => {
    child.once('exit', (code, signal) => {
      ended = true;
      for (const { reject } of waiting.values()) reject(new Error(`${name} ended: ${signal ?? code}`));
      resolve();
    });
  });
  child.on('message', ({ id, reply, failure }: Answer) => {
    const asked = waiting.get(id);
    waiting.delete(id);
    if (failure === undefined) asked?.resolve(reply as never);
    else asked?.reject(new Error(`${name}: ${failure}`));
  });
  return {
    ask(type, detail) {
      if (ended) return Promise.reject(new Error(`${name} has ended`));
      lastId += 1;
      const id = lastId;
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        child.send({ id, type, detail } satisfies Question);
      });
    },
    async end() {
      if (ended) return;
      child.kill();
      const timer = setTimeout(() => child.kill('SIGKILL'), patience);
      await gone;
      clearTimeout(timer);
    },
  };
}

/** The child's side: answers its parent, and ends with it. The channel alone doesn't keep the process alive. */
export function answerParent<Commands extends Replies>(handlers: {
  readonly [Name in keyof Commands]: (
    detail: Commands[Name]['detail'],
  ) => Commands[Name]['reply'] | Promise<Commands[Name]['reply']>;
}): void {
  process.on('message', ({ id, type, detail }: Question) => {
    const reply = async (): Promise<unknown> => handlers[type]!(detail as never);
    reply().then(
      (value) => process.send!({ id, reply: value } satisfies Answer),
      (error: Error) => process.send!({ id, failure: error.stack ?? error.message } satisfies Answer),
    );
  });
  process.on('disconnect', () => process.exit());
}
