import { dictionary, uint64 } from '../xpc/value.ts';
import type { XpcDictionary, XpcValue } from '../xpc/value.ts';
import type { Timers } from './timers.ts';

export type Fields = { readonly [key: string]: XpcValue };

/** A message as the daemon wraps it: service, protocol version, whose it is, what it is, when it was made. */
export function daemonMessage(timers: Timers, requestId: string, type: string, fields: Fields = {}): XpcDictionary {
  return dictionary({
    service: 'codexpc',
    proto_version: uint64(1),
    req_id: requestId,
    type,
    ts_ns: uint64(BigInt(Math.round(timers.elapsed() * 1e6))),
    ...fields,
  });
}

export const errorFields = (code: string, message: string): Fields => ({ code, message });
