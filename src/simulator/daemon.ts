import type { Encoding } from '../harmony/encoding.ts';
import type { XpcDictionary } from '../xpc/value.ts';
import { createDemoTools } from './demo-tools.ts';
import { createEngine } from './engine.ts';
import type { Engine, EngineView } from './engine.ts';
import { boolField, dataField, stringField, uint64Field } from './fields.ts';
import { handshakeReply } from './handshake.ts';
import type { HandshakeManner } from './handshake.ts';
import type { Model } from './model.ts';
import { daemonMessage, errorFields } from './outgoing.ts';
import type { Fields } from './outgoing.ts';
import type { Peer } from './peer.ts';
import { readTokens } from './prompt.ts';
import type { ToolCall } from './sampled-reader.ts';
import { scriptedMessage } from './scripted-message.ts';
import { runSession } from './session.ts';
import type { Timers } from './timers.ts';

export type DaemonOptions = {
  /** `tokens`: sends token ids to clients that ask for them, and tells by health which sessions it runs. */
  readonly output: 'classic' | 'tokens';
  readonly handshake: HandshakeManner;
  readonly encoding: Encoding;
  readonly model: Model;
  readonly timers: Timers;
  readonly log: (what: string) => void;
  readonly pace: number;
  readonly prefillRate: number;
  readonly allowTools: boolean;
  readonly forceTool: ToolCall | null;
  /** The daemon dies. */
  readonly onCrash: () => void;
  /** Numbers the sessions, from 1. */
  readonly nextSessionNumber: () => number;
};

/** One life of the daemon: its sessions, its engines, and what is process-wide in it. */
export type Daemon = {
  receive(message: XpcDictionary, peer: Peer): void;
  /** Sessions that hold a slot, leaked ones included. */
  sessions(): number;
  engines(): EngineView[];
  /** Ends everything at once. Nothing is said to anyone. */
  stop(): void;
};

const mostSessions = 4;

export function createDaemon(options: DaemonOptions): Daemon {
  const { timers, encoding, model, log } = options;
  const engines = new Map<string, Engine>();
  const demoTools = createDemoTools();
  /** By request id. A second session of the same id takes the first one's place here. */
  const sessions = new Map<string, AbortController>();
  const stopped = new AbortController();

  function engineOf(checkpoint: string): Engine {
    let engine = engines.get(checkpoint);
    if (engine === undefined) engines.set(checkpoint, (engine = createEngine(checkpoint, model.goOn)));
    return engine;
  }

  function receive(message: XpcDictionary, peer: Peer): void {
    if (stopped.signal.aborted) return;
    const type = stringField(message, 'type');
    const requestId = stringField(message, 'req_id');
    if (type === null || requestId === null) return log('a message without type or req_id was dropped');
    const reply = (replyType: string, fields?: Fields) =>
      peer.send(daemonMessage(timers, requestId, replyType, fields));
    // An absent version reads as 0.
    if (uint64Field(message, 'proto_version') !== 1) {
      return reply('error', errorFields('unsupported_protocol', 'expected proto_version=1'));
    }
    switch (type) {
      case 'health':
        return reply('health.ok', options.output === 'tokens' ? { sessions: [...sessions.keys()] } : {});
      case 'handshake': {
        const said = handshakeReply(options.handshake, encoding);
        return said === null ? log('a handshake was dropped') : reply(...said);
      }
      case 'create':
      case 'create_from_messages':
      case 'create_from_tokens':
        return create(message, requestId, peer);
      case 'cancel':
        return sessions.get(requestId)?.abort();
      default:
        log(`a message of the unknown type ${type} was dropped`);
    }
  }

  function create(request: XpcDictionary, requestId: string, peer: Peer): void {
    let last = daemonMessage(timers, requestId, '');
    const sendMessage = (message: XpcDictionary) => {
      last = message;
      if (!stopped.signal.aborted) peer.send(message);
    };
    const send = (type: string, fields?: Fields) => sendMessage(daemonMessage(timers, requestId, type, fields));

    const number = options.nextSessionNumber();
    const prefill = dataField(request, 'prefill_tokens');
    const turnedAway = prefill !== null && model.isTurnedAway(readTokens(prefill), number);
    if (sessions.size >= mostSessions || turnedAway) {
      return send('error', errorFields('over_capacity', 'too many concurrent sessions'));
    }
    const cancelled = new AbortController();
    sessions.set(requestId, cancelled);
    const cancel = () => cancelled.abort();
    peer.gone.addEventListener('abort', cancel);

    const session = runSession({
      ...options,
      request,
      number,
      send,
      engineOf,
      demoTools,
      sendIds: options.output === 'tokens' && boolField(request, 'emit_token_ids'),
      sendScripted: (fields) => sendMessage(scriptedMessage(timers, requestId, fields)),
      sendAgain: () => sendMessage(last),
      drained: peer.drained,
      crash: options.onCrash,
      cancelled: cancelled.signal,
      gone: peer.gone,
      stopped: stopped.signal,
    });
    const finish = (ending: 'over' | 'leaked') => {
      peer.gone.removeEventListener('abort', cancel);
      if (ending === 'over') sessions.delete(requestId);
    };
    session.then(finish, (error: unknown) => {
      log(`a session failed: ${String(error)}`);
      send('error', errorFields('engine_error', 'the simulator failed'));
      finish('over');
    });
  }

  return {
    receive,
    sessions: () => sessions.size,
    engines: () => [...engines.values()].map((engine) => engine.view()),
    stop() {
      stopped.abort();
      for (const session of sessions.values()) session.abort();
    },
  };
}
