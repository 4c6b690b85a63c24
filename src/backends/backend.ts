import type { GatewayError } from '../core/errors.ts';
import type { Usage } from '../core/event.ts';
import type { HarmonyMessage } from '../harmony/message.ts';

/**
 * An engine behind some wire. It knows tokens and texts, nothing of HTTP or of the API dialects.
 *
 * Promises of every backend:
 * - `events` delivers everything the engine said, in order, in the batches in which it arrived, and then ends: by a
 *   `completed`, or by throwing a `GatewayError`. `created` comes once and before all else, or the session fails. It never hangs on a dead engine.
 * - `cancel()` asks the engine to stop; events may still come, and the end comes as always. `abandon(error)` cancels
 *   too, and makes `events` end at once by throwing that error, whatever the engine does.
 * - `onFree` is called once, when the engine is free of this session: after its terminal message or the loss of its
 *   connection, never merely because `cancel()` was called. Only then may the engine's next session begin. Whoever waits
 *   for `events` has got the last of them before.
 */
export type Backend = {
  /** Shown to clients in `x-codexpc-backend`. */
  readonly name: 'codexpc' | 'simulator';
  open(request: SessionRequest, onFree: OnFree): Session;
  /** Resolves when the engine answers; rejects with `backend_unavailable` or `backend_timeout`. */
  health(signal: AbortSignal): Promise<void>;
  /** What the engine says of itself before any session; rejects as `health` does. */
  introduce(signal: AbortSignal): Promise<Introduction>;
  /** Ends every session and frees what the backend holds. The backend can't be used afterwards. */
  close(): Promise<void>;
};

export type SessionRequest = {
  /** Unique among all sessions of the backend. */
  readonly id: string;
  readonly model: string;
  /** Path of the model file; names the engine. */
  readonly checkpoint: string;
  readonly prefill: Uint32Array;
  /** What the prefill was rendered from, for an engine that has to render by itself; null: it was given as it is. */
  readonly messages: (() => readonly HarmonyMessage[]) | null;
  /** The prefill ends inside assistant/final: what is sampled is answer text from the first token on. */
  readonly primeFinal: boolean;
  readonly temperature: number;
  /** null: until the model stops. */
  readonly maxOutputTokens: number | null;
};

export type Session = {
  readonly events: AsyncIterable<readonly BackendEvent[]>;
  cancel(): void;
  abandon(error: GatewayError): void;
};

/** `lost`: the connection went away, and what the engine held in its cache may be gone with it. */
export type OnFree = (how: 'free' | 'lost') => void;

export type BackendEvent =
  /**
   * The engine took the session. `output` `tokens`: it will send token ids, not texts. `start`: where what it samples
   * begins, behind `<|start|>assistant` or inside the final channel; that of the prefill, unless the engine rendered.
   */
  | { readonly type: 'created'; readonly output: 'text' | 'tokens'; readonly start: 'assistant' | 'final' }
  /** Text of the final channel. */
  | { readonly type: 'text-delta'; readonly text: string }
  /** Sampled token ids, control tokens included. */
  | { readonly type: 'token-delta'; readonly ids: readonly number[] }
  /** The model called a tool. `recipient` as sampled, `functions.` and all. */
  | { readonly type: 'tool-call'; readonly recipient: string; readonly input: string }
  | { readonly type: 'completed'; readonly usage: Pick<Usage, 'inputTokens' | 'outputTokens'> };

export type Introduction = {
  /** null: it answered, but didn't say; `trouble` is a clause that says why. */
  readonly handshake: Handshake | null;
  readonly trouble: string | null;
};

export type Handshake = {
  readonly harmonyVersion: string;
  readonly encodingName: string;
  readonly specialTokens: readonly string[];
  readonly stopTokens: readonly number[];
};
