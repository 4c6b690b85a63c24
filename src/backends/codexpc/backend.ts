import type { Backend } from '../backend.ts';
import { createEngine } from './engine.ts';
import type { Engine, EngineOptions } from './engine.ts';
import { askHealth, greet } from './greeting.ts';
import { createLink } from './link.ts';
import { openSession } from './session.ts';
import type { SessionOptions } from './session.ts';

/** `service` is the daemon's Mach service name, or a socket path for the stand-in. */
export type CodexpcOptions = EngineOptions & SessionOptions & { readonly name: Backend['name'] };

/** The codexpc daemon as a backend. Each checkpoint has a connection of its own, so that dropping one hurts no other. */
export function createCodexpcBackend(options: CodexpcOptions): Backend {
  const engines = new Map<string, Engine>();
  /** Carries what is asked besides sessions. */
  const controlLink = createLink(options);

  function engineOf(checkpoint: string): Engine {
    let engine = engines.get(checkpoint);
    if (engine === undefined) {
      engine = createEngine(options);
      engines.set(checkpoint, engine);
    }
    return engine;
  }

  return {
    name: options.name,
    open: (request, onFree) => openSession(request, onFree, engineOf(request.checkpoint), options),
    async health(signal) {
      await askHealth(controlLink, options.newRequestId, signal);
    },
    async introduce(signal) {
      const { handshake, trouble } = await greet(controlLink, options.newRequestId, signal);
      return { handshake, trouble };
    },
    async close() {
      await Promise.all([controlLink, ...engines.values()].map((part) => part.close()));
    },
  };
}
