import type { Encoding } from '../harmony/encoding.ts';
import { createDaemon } from './daemon.ts';
import type { EngineView } from './engine.ts';
import type { HandshakeManner } from './handshake.ts';
import { createListener } from './listener.ts';
import { createModel } from './model.ts';
import { createPeer } from './peer.ts';
import type { SimulatorScript } from './script.ts';
import type { Timers } from './timers.ts';

export type SimulatorOptions = {
  /** Where the stand-in libxpc looks for the service. */
  readonly socketPath: string;
  /**
   * `classic`: final text alone, as today's daemon. `tokens`: token ids for clients that ask for them, and the ids of
   * its sessions in answers to health.
   */
  readonly output: 'classic' | 'tokens';
  readonly encoding: Encoding;
  readonly timers: Timers;
  /** Told of what is dropped and what fails, in a line each. */
  readonly log: (what: string) => void;
  readonly script?: SimulatorScript;
  /** Tokens per second that are sampled; absent: as fast as they are taken. */
  readonly pace?: number;
  /** Tokens per second of prefill that is not in the KV cache; absent: prefill takes no time. */
  readonly prefillRate?: number;
  /** Absent: its Harmony is this project's, and it says so. */
  readonly handshake?: HandshakeManner;
  /** Runs the daemon's demo tools, as `CODEXPC_ALLOW_TOOLS=1`. */
  readonly allowTools?: boolean;
  /** Reports one call before anything else in each session, as `CODEXPC_TEST_FORCE_TOOL`. */
  readonly forceTool?: { readonly name: string; readonly input: string };
  /** Milliseconds that a daemon which was told to crash stays away. */
  readonly restartDelay?: number;
  /** Told when the daemon crashes, after all connections are cut. Absent: it starts again after `restartDelay`. */
  readonly onCrash?: () => void;
};

/** A codexpc daemon. Several may run in one process, each on a socket of its own. */
export type Simulator = {
  /** @throws Error when the socket can't be listened on, or another daemon answers there. */
  listen(): Promise<void>;
  /** Cuts every connection off and removes the socket. It may listen again afterwards, as a new daemon. */
  close(): Promise<void>;
  /** From now on it doesn't keep the process alive, except while it is timing a session. */
  unref(): void;
  /** Sessions that hold one of the daemon's slots, leaked ones included. */
  sessions(): number;
  engines(): readonly EngineView[];
};

const defaultRestartDelay = 100;

export function createSimulator(options: SimulatorOptions): Simulator {
  const { timers, log, encoding } = options;
  const model = createModel({ encoding, script: options.script ?? null });
  let sessionNumber = 0;
  const newDaemon = () =>
    createDaemon({
      output: options.script?.output ?? options.output,
      encoding,
      model,
      timers,
      log,
      nextSessionNumber: () => ++sessionNumber,
      pace: options.pace ?? Infinity,
      prefillRate: options.prefillRate ?? Infinity,
      handshake: options.handshake ?? {},
      allowTools: options.allowTools ?? false,
      forceTool:
        options.forceTool === undefined ? null : { recipient: options.forceTool.name, input: options.forceTool.input },
      onCrash: () => void crash(),
    });
  let daemon = newDaemon();
  /** Whether somebody wants it to listen; a crash doesn't change that. */
  let wanted = false;
  let takeBackRestart: (() => void) | null = null;
  /** Opening and closing happen one after the other. */
  let change: Promise<unknown> = Promise.resolve();

  const listener = createListener(options.socketPath, (socket) => {
    createPeer(socket, { log, onMessage: (message, peer) => daemon.receive(message, peer) });
  });

  function after(action: () => Promise<void>): Promise<void> {
    const done = change.then(action);
    change = done.catch(() => undefined);
    return done;
  }

  function die(): Promise<void> {
    takeBackRestart?.();
    takeBackRestart = null;
    daemon.stop();
    return after(listener.close);
  }

  async function crash(): Promise<void> {
    log('the daemon crashes, as it was told to');
    await die();
    if (options.onCrash !== undefined) return options.onCrash();
    if (!wanted) return;
    takeBackRestart = timers.after(options.restartDelay ?? defaultRestartDelay, () => {
      daemon = newDaemon();
      after(listener.open).catch((error: unknown) => log(`the daemon could not start again: ${String(error)}`));
    });
  }

  return {
    async listen() {
      wanted = true;
      await die();
      daemon = newDaemon();
      await after(listener.open);
    },
    async close() {
      wanted = false;
      await die();
    },
    unref: listener.unref,
    sessions: () => daemon.sessions(),
    engines: () => daemon.engines(),
  };
}
