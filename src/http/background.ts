import type { FastifyBaseLogger } from 'fastify';
import type { ApiKey } from '../core/api-keys.ts';
import type { Exchange } from '../core/dialect.ts';
import { asGatewayError, GatewayError } from '../core/errors.ts';
import type { Clock } from '../core/ids.ts';
import type { TurnObserver } from '../core/turn-report.ts';
import type { RecordedAnswer } from '../dialects/responses/script.ts';
import { runExchange } from '../gateway/exchange-run.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { Chain, Store, StoredItem, StoredObject } from '../store/store.ts';
import { createEventLog } from './event-log.ts';
import type { EventLog } from './event-log.ts';
import { keepJournal } from './journal.ts';
import type { KeyLimits } from './key-limits.ts';
import { streamAnswer } from './stream-answer.ts';
import type { Outlet } from './stream-answer.ts';
import { endLoggedTurn, followLoggedTurn } from './turn-log.ts';
import type { LoggedTurn } from './turn-log.ts';

/** Makes responses apart from any connection. */
export type Background = {
  /**
   * Begins a response, and resolves when it is durable that it has begun: it will end some day, if only as failed.
   *
   * @throws GatewayError for what is known to be wrong before it waits for an engine.
   */
  start(job: BackgroundJob): Promise<BackgroundRun>;
  find(id: string): BackgroundRun | null;
  /** Ends all, with `shutting_down`, and takes no more. */
  stop(): void;
  /** Resolves when none runs. */
  none(): Promise<void>;
};

export type BackgroundJob = {
  readonly exchange: Exchange;
  readonly answer: RecordedAnswer;
  /** What is stored with the response from the beginning. */
  readonly input: readonly StoredItem[];
  readonly after: Chain | null;
  readonly joins: string | null;
  /** The request's, for the log. */
  readonly id: string;
  readonly route: string;
  readonly key: ApiKey | null;
  readonly logger: FastifyBaseLogger;
};

export type BackgroundRun = {
  /** As it was acknowledged. */
  readonly response: StoredObject;
  /** The events, each shown when it is durable. */
  readonly log: EventLog;
  /** As it is now; null: it is at its end, which has to be durable before it is told. */
  object(): StoredObject | null;
  cancel(): void;
  /** Resolves when it is over and its end is stored. */
  readonly ended: Promise<void>;
};

export type BackgroundOptions = {
  readonly gateway: Gateway;
  readonly store: Store;
  readonly clock: Clock;
  readonly observers: readonly TurnObserver[];
  readonly keyLimits: KeyLimits;
};

/** Milliseconds between two writes of a response's events: each costs a flush of the disk. */
const journalInterval = 50;
/** Milliseconds after which a cancellation by another process is seen, at the latest. */
const longestSilence = 1000;

export function createBackground(options: BackgroundOptions): Background {
  const { gateway, store, clock, observers, keyLimits } = options;
  const runs = new Map<string, BackgroundRun>();
  let stopping: GatewayError | null = null;
  const controllers = new Set<AbortController>();
  const waiting: (() => void)[] = [];

  async function start(job: BackgroundJob): Promise<BackgroundRun> {
    if (stopping !== null) throw stopping;
    const { id, route, key, exchange, answer, input, after, logger } = job;
    keyLimits.checkTurns(key);
    const controller = new AbortController();
    const turn = followLoggedTurn({ id, route, key, exchange, clock, observers, logger });
    controllers.add(controller);
    const forget = (): void => {
      controllers.delete(controller);
      if (controllers.size === 0) for (const resolve of waiting.splice(0)) resolve();
    };
    try {
      const batches = await admitted(gateway, exchange, controller.signal);
      const log = createEventLog();
      for (const frame of answer.push({ type: 'turn-queued', position: 1 })) log.add(frame);
      const response = answer.object() as StoredObject;
      const script = answer.takeScript();
      await store.runs.begin({ response, input, script, after, key: exchange.turn.conversationKey });
      log.show(log.count());
      const run = make({ job, log, response, batches, controller, turn, store });
      runs.set(response.id, run);
      void run.ended.then(() => {
        runs.delete(response.id);
        forget();
      });
      return run;
    } catch (thrown) {
      const error = asGatewayError(thrown);
      controller.abort(error);
      endLoggedTurn(turn, error);
      forget();
      throw error;
    }
  }

  return {
    start,
    find: (id) => runs.get(id) ?? null,
    stop() {
      stopping = new GatewayError(
        'shutting_down',
        'The gateway was stopped while it made this response; what there was of it is kept.',
      );
      for (const controller of controllers) controller.abort(stopping);
    },
    none: () => (controllers.size === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
  };
}

type Batches = ReturnType<ReturnType<Gateway['run']>[typeof Symbol.asyncIterator]>;

/** Runs the turn and resolves when it has its place at an engine or in the queue. */
async function admitted(
  gateway: Gateway,
  exchange: Exchange,
  signal: AbortSignal,
): Promise<Pick<Batches, 'next' | 'return'>> {
  let onAdmitted = () => {};
  const admission = new Promise<void>((resolve) => (onAdmitted = resolve));
  const batches = runExchange(gateway, exchange, signal, { onAdmitted })[Symbol.asyncIterator]();
  let pending: ReturnType<Batches['next']> | null = batches.next();
  await Promise.race([admission, pending]);
  // It may fail before anybody asks.
  pending.catch(() => {});
  return {
    next() {
      const next = pending ?? batches.next();
      pending = null;
      return next;
    },
    return: () => batches.return!(),
  };
}

type Making = {
  readonly job: BackgroundJob;
  readonly log: EventLog;
  readonly response: StoredObject;
  readonly batches: Pick<Batches, 'next' | 'return'>;
  readonly controller: AbortController;
  readonly turn: LoggedTurn;
  readonly store: Store;
};

function make(making: Making): BackgroundRun {
  const { job, log, response, batches, controller, turn, store } = making;
  const { answer, joins } = job;
  const { id } = response;
  const cancellation = new GatewayError('request_cancelled', 'The response was cancelled.');
  let isOver = false;

  const journal = keepJournal({
    interval: journalInterval,
    longest: longestSilence,
    async write() {
      const count = log.count();
      try {
        const state = await store.runs.append(id, answer.takeScript());
        log.show(count);
        if (state !== 'running') controller.abort(cancellation);
      } catch (thrown) {
        controller.abort(asGatewayError(thrown));
      }
    },
  });

  const outlet: Outlet = {
    raw: null,
    write(frames) {
      for (const frame of frames) log.add(frame);
      if (frames.length > 0) journal.changed();
      return 'open';
    },
    end: log.close,
  };

  async function keep(object: unknown): Promise<void> {
    isOver = true;
    await journal.close();
    const response = object as StoredObject & { readonly output: readonly StoredItem[] };
    // What a failed turn has said is no part of the conversation: it will be tried again.
    const isPart = response['status'] === 'completed' || response['status'] === 'incomplete';
    await store.runs.finish({
      response,
      output: response.output,
      script: answer.takeScript(),
      joins: isPart ? joins : null,
    });
  }

  const failure = streamAnswer(
    {
      outlet,
      answer: { ...answer, fail: (error) => (error === cancellation ? answer.cancel() : answer.fail(error)) },
      rest: batches,
      turn,
      keep,
      timing: null,
    },
    [],
  );

  return {
    response,
    log,
    object: () => (isOver ? null : (answer.object() as StoredObject)),
    cancel: () => controller.abort(cancellation),
    ended: failure.then(() => {}),
  };
}
