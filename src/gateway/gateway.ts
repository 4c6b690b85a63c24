import type { Backend, Session } from '../backends/backend.ts';
import { GatewayError, inField } from '../core/errors.ts';
import type { TurnEvent } from '../core/event.ts';
import type { Ids } from '../core/ids.ts';
import type { LeaveSignal } from '../core/leave-signal.ts';
import type { Model, Models } from '../core/models.ts';
import type { Turn } from '../core/turn.ts';
import type { Encoding } from '../harmony/encoding.ts';
import type { Prefill, Prefiller } from '../harmony/prefill.ts';
import type { Scheduler } from '../scheduler/scheduler.ts';
import { createAnswerCheck, isDemanding } from './answer-check.ts';
import { heldBy, openStage } from './answer-stage.ts';
import { runChecked } from './checked.ts';
import type { TurnLimits } from './limits.ts';
import { prefillPieces } from './prefill-pieces.ts';
import type { PrefillPiece } from './prefill-pieces.ts';
import { createSchemaValidator } from './schema-validator.ts';
import { batchesOf, openReader } from './session-reader.ts';
import type { Attempt } from './session-reader.ts';
import type { SessionTap } from './session-tap.ts';
import { createSessionWatch } from './session-watch.ts';
import { createThoughts, hear } from './thoughts.ts';
import type { Ear } from './thoughts.ts';
import { fittingPrefill } from './truncation.ts';

/** Whoever wants to look into a turn's way. */
export type RunHooks = {
  /** Gets every session of the turn. */
  readonly tap?: SessionTap | undefined;
  /**
   * Is called when the turn has its place at an engine or in the queue: what is wrong with the request would have been
   * said before.
   */
  readonly onAdmitted?: () => void;
};

export type Gateway = {
  /**
   * Runs a turn. See `TurnEvent` for what comes in which order; each batch is what one read of the engine brought.
   *
   * The engine is stopped when the signal aborts (the iteration then throws the signal's reason) or when the iteration
   * is left early.
   *
   * @throws GatewayError before the first batch for what is wrong with the request or the engine: `model_not_found`,
   *   `context_length_exceeded`, `rate_limit_exceeded`, `backend_unavailable`; later for what goes wrong on the way. An answer that fails what
   *   the turn demands of it is held back and asked for again (see `runChecked`).
   */
  run(turn: Turn, signal: LeaveSignal, hooks?: RunHooks): AsyncIterable<readonly TurnEvent[]>;
  /**
   * How many tokens the engine would have to read for this turn, all of Harmony's own included.
   *
   * @throws GatewayError `model_not_found`.
   */
  countTokens(turn: Turn): Promise<number>;
  /**
   * What the engine would have to read for this turn, to be looked at.
   *
   * @throws GatewayError `model_not_found`, `context_length_exceeded`.
   */
  showPrefill(turn: Turn): Promise<readonly PrefillPiece[]>;
  /** What the engines are doing. */
  status(): readonly { readonly model: string; readonly running: number; readonly queued: number }[];
  /** The text of token ids, control tokens by name. */
  textOf(ids: Iterable<number>): string;
};

export type GatewayOptions = {
  readonly backend: Backend;
  readonly models: Models;
  readonly prefiller: Prefiller;
  readonly scheduler: Scheduler;
  readonly limits: TurnLimits;
  readonly encoding: Encoding;
  readonly ids: Ids;
  /** A session id, unique among all. */
  readonly newSessionId: () => string;
  /** Monotonic milliseconds, as timers count them. */
  readonly elapsed: () => number;
};

/** How often a turn is run until its answer is what a strict schema or the tool choice demands. */
const maxAttempts = 3;

/** Milliseconds that checking one text or schema may take. */
const schemaTimeLimit = 5000;

/** Characters of thinking that are kept for the tool calls they led to. */
const thoughtsLimit = 16 * 1024 * 1024;

export function createGateway(options: GatewayOptions): Gateway {
  const { backend, models, prefiller, scheduler, newSessionId } = options;
  const thoughts = createThoughts(thoughtsLimit);
  const validator = createSchemaValidator(schemaTimeLimit);
  const watch = createSessionWatch(options.limits, options.elapsed);

  function run(turn: Turn, signal: LeaveSignal, hooks: RunHooks = {}): AsyncIterable<readonly TurnEvent[]> {
    const whole = { ...turn, items: thoughts.restore(turn.items) };
    const ear = thoughts.listen();
    if (!isDemanding(whole)) return batchesOf(attempt(whole, signal, hooks, ear));
    // Attempts that fail are not heard: the client gets to know nothing of them.
    return heard(
      runChecked(
        whole,
        () => createAnswerCheck(whole, validator),
        maxAttempts,
        (current) => batchesOf(attempt(current, signal, hooks, null)),
      ),
      ear,
    );
  }

  /**
   * One way to the engine. It says that the turn has to wait, and ends when the engine has the turn: what reads the
   * answer is returned, and nothing of the turn is kept as long as that takes.
   */
  async function* attempt(turn: Turn, signal: LeaveSignal, { tap, onAdmitted }: RunHooks, ear: Ear | null): Attempt {
    const model = models.resolve(turn.model);
    const prefill = await fittingPrefill(turn, model, prefiller.prefill);
    const maxOutputTokens = roomForAnswer(turn, model, prefill);
    signal.throwIfAborted();

    const ticket = scheduler.enter(model.checkpoint, prefill.tokens, signal);
    onAdmitted?.();
    let session: Session | null = null;
    try {
      if (ticket.position > 0) yield [{ type: 'turn-queued', position: ticket.position }];
      const slot = await ticket.granted;
      signal.throwIfAborted();
      const stage = openStage({ turn, prefill, cachedTokens: slot.cachedTokens, maxOutputTokens, ...options });
      const request = {
        id: newSessionId(),
        model: model.id,
        checkpoint: model.checkpoint,
        prefill: prefill.tokens,
        messages: prefill.messages,
        primeFinal: prefill.primeFinal,
        temperature: turn.temperature,
        maxOutputTokens,
      };
      session = backend.open(request, (how) => scheduler.release(slot, how === 'lost' ? null : heldBy(stage)));
      if (tap !== undefined) session = tap(session, request);
      return openReader({ session, stage, signal, ear, watch });
    } finally {
      if (session === null) ticket.leave();
    }
  }

  function prefillOf(turn: Turn, model: Model): Promise<Prefill> {
    return fittingPrefill({ ...turn, items: thoughts.restore(turn.items) }, model, prefiller.prefill);
  }

  return {
    run,
    textOf: options.encoding.decode,
    countTokens: async (turn) => (await prefillOf(turn, models.resolve(turn.model))).tokens.length,
    async showPrefill(turn) {
      const model = models.resolve(turn.model);
      const prefill = await prefillOf(turn, model);
      roomForAnswer(turn, model, prefill);
      return prefillPieces(prefill.tokens, options.encoding);
    },
    status: () => models.all.map(({ id, checkpoint }) => ({ model: id, ...scheduler.status(checkpoint) })),
  };
}

async function* heard(
  batches: AsyncIterable<readonly TurnEvent[]>,
  ear: Ear,
): AsyncGenerator<readonly TurnEvent[], void, undefined> {
  for await (const batch of batches) {
    hear(ear, batch);
    yield batch;
  }
}

/**
 * The most tokens that the engine may generate for this turn: what the client asks for, what the model is allowed, what
 * the context window leaves; the least of them.
 */
function roomForAnswer(turn: Turn, model: Model, prefill: Prefill): number {
  const room = model.contextWindow - prefill.tokens.length;
  if (room <= 0) {
    throw new GatewayError(
      'context_length_exceeded',
      `This model's maximum context length is ${model.contextWindow} tokens, but the request has ${prefill.tokens.length}. Please shorten it.`,
      inField(turn.fields?.conversation),
    );
  }
  return Math.min(room, turn.maxOutputTokens ?? Infinity, model.maxOutputTokens ?? Infinity);
}
