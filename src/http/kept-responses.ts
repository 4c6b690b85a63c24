import { setImmediate, setTimeout } from 'node:timers/promises';
import type { Frame } from '../core/dialect.ts';
import { GatewayError } from '../core/errors.ts';
import type { Clock, Ids } from '../core/ids.ts';
import { jsonLine } from '../dialects/json-line.ts';
import type { Seals } from '../dialects/responses/seals.ts';
import { replayAnswer } from '../dialects/responses/script.ts';
import type { Recalled, Store, StoredItem, StoredObject } from '../store/store.ts';
import type { Background } from './background.ts';
import type { NumberedFrames } from './event-log.ts';
import { createShared } from './shared.ts';

/** Responses that outlive their request: made long ago, being made here or by another process, or cut off. */
export type KeptResponses = {
  /** As it is now. */
  find(id: string): Promise<StoredObject | null>;
  /** Reads its events with a number above `after`, to the end; those that are still to come as they do. */
  events(id: string, after: number): Promise<EventReader | null>;
  /**
   * Resolves when it is cancelled, or over in some other way.
   *
   * @throws GatewayError `invalid_value` for one that was made while its client waited.
   */
  cancel(id: string): Promise<StoredObject | null>;
  /** One that is being made is cancelled. */
  remove(id: string): Promise<boolean>;
  /** Gives those that a dead process has left behind an end. */
  recover(): Promise<void>;
};

/** Must be read, once. Ends early when the signal aborts. */
export type EventReader = (signal: AbortSignal) => AsyncIterable<NumberedFrames>;

export type KeptResponsesOptions = {
  readonly store: Store;
  readonly background: Background;
  readonly seals: Seals;
  readonly ids: Ids;
  readonly clock: Clock;
};

/** Frames of a replay that are made at once. */
const replayStep = 128;
/** Milliseconds between two looks at what another process does. */
const lookInterval = 200;
/** Milliseconds that another process may take to cancel what it makes. */
const cancelPatience = 10_000;

export function createKeptResponses({ store, background, seals, ids, clock }: KeptResponsesOptions): KeptResponses {
  const sources = { ids, now: clock.now, seal: seals.seal };
  const replays = createShared(async (id: string) => {
    const recalled = await recall(id);
    return recalled === null ? null : { isMade: recalled.runner === null, frames: await framesOf(recalled) };
  });

  /** What the store has of it; one whose maker is dead is ended first. */
  async function recall(id: string): Promise<Recalled | null> {
    const recalled = await store.responses.recall(id);
    const isLost = recalled?.runner === 'gone' || (recalled?.runner === 'me' && background.find(id) === null);
    if (recalled === null || !isLost) return recalled;
    await endLost(recalled);
    return store.responses.recall(id);
  }

  async function endLost({ response, script }: Recalled): Promise<void> {
    const replay = replayAnswer(response, sources);
    await performAll(replay.perform(script ?? ''));
    replay.answer.fail(
      new GatewayError(
        'shutting_down',
        'The gateway ended unexpectedly while it made this response; what there was of it is kept.',
      ),
    );
    const ended = replay.answer.object() as StoredObject & { readonly output: readonly StoredItem[] };
    await store.runs.finish({ response: ended, output: ended.output, script: replay.answer.takeScript(), joins: null });
  }

  async function find(id: string): Promise<StoredObject | null> {
    const run = background.find(id);
    const now = run?.object() ?? null;
    if (now !== null) return now;
    await run?.ended;
    const recalled = await recall(id);
    if (recalled === null || recalled.runner === null) return recalled?.response ?? null;
    const { answer, perform } = replayAnswer(recalled.response, sources);
    await performAll(perform(recalled.script ?? ''));
    return answer.object() as StoredObject;
  }

  /** All events of one that is made. */
  async function framesOf({ response, script, runner }: Recalled): Promise<readonly Frame[]> {
    // What isn't made yet is followed.
    if (runner !== null) return [];
    if (script === null) return [lastFrame(response)];
    const frames: Frame[] = [];
    for await (const step of steps(replayAnswer(response, sources).perform(script), { next: 0 }, -1)) {
      frames.push(...step.frames);
    }
    return frames;
  }

  /** Of one that another process makes: what it has stored is looked at again and again. */
  async function* followed(id: string, after: number, signal: AbortSignal): AsyncGenerator<NumberedFrames, void> {
    let replay: ReturnType<typeof replayAnswer> | null = null;
    let seen = 0;
    const place = { next: 0 };
    while (!signal.aborted) {
      const recalled = await recall(id);
      if (recalled === null) return;
      replay ??= replayAnswer(recalled.response, sources);
      const script = recalled.script ?? '';
      yield* steps(replay.perform(script.slice(seen)), place, after);
      seen = script.length;
      if (recalled.runner === null) return;
      await setTimeout(lookInterval, undefined, { signal }).catch(() => {});
    }
  }

  return {
    find,
    async events(id, after) {
      const run = background.find(id);
      if (run !== null) return (signal) => run.log.read(after, signal);
      const shared = replays.take(id);
      const replay = await shared.value.catch((error: unknown) => {
        shared.release();
        throw error;
      });
      if (replay?.isMade === true) return () => replayed(replay.frames, after, shared.release);
      shared.release();
      return replay === null ? null : (signal) => followed(id, after, signal);
    },
    async cancel(id) {
      const run = background.find(id);
      run?.cancel();
      await run?.ended;
      const recalled = await recall(id);
      if (recalled === null) return null;
      if (recalled.response['background'] !== true) {
        throw new GatewayError(
          'invalid_value',
          "Cannot cancel a synchronous response: only one created with 'background: true' can be cancelled.",
        );
      }
      if (recalled.runner === null) return recalled.response;
      await store.runs.cancel(id);
      for (let waited = 0; waited < cancelPatience; waited += lookInterval) {
        const now = await recall(id);
        if (now === null || now.runner === null) break;
        await setTimeout(lookInterval);
      }
      return find(id);
    },
    async remove(id) {
      const run = background.find(id);
      run?.cancel();
      await run?.ended;
      return store.responses.remove(id);
    },
    async recover() {
      for (const id of await store.runs.abandoned()) await recall(id);
    },
  };
}

/** Of one that is made. Its events are made again once for all who read them at the same time. */
async function* replayed(
  frames: readonly Frame[],
  after: number,
  release: () => void,
): AsyncGenerator<NumberedFrames, void, undefined> {
  try {
    for (let first = after + 1; first < frames.length; first += replayStep) {
      yield { first, frames: frames.slice(first, first + replayStep) };
    }
  } finally {
    release();
  }
}

async function performAll(frames: Iterable<readonly Frame[]>): Promise<void> {
  const iterator = frames[Symbol.iterator]();
  for (let count = 1; iterator.next().done !== true; count++) if (count % replayStep === 0) await setImmediate();
}

/** The frames with a number above `after`, a step at a time; `place.next` is the number of the next one. */
async function* steps(
  made: Iterable<readonly Frame[]>,
  place: { next: number },
  after: number,
): AsyncGenerator<NumberedFrames, void, undefined> {
  let step: Frame[] = [];
  for (const frames of made) {
    for (const frame of frames) {
      if (place.next > after) step.push(frame);
      place.next++;
    }
    if (step.length >= replayStep) {
      yield { first: place.next - step.length, frames: step };
      step = [];
    } else if (place.next % replayStep === 0) await setImmediate();
  }
  if (step.length > 0) yield { first: place.next - step.length, frames: step };
}

/** Of a response without a script, which says everything at once. */
function lastFrame(response: StoredObject): Frame {
  const type = `response.${String(response['status'])}`;
  return { event: type, data: jsonLine({ type, sequence_number: 0, response }) };
}
