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

/**
 * The message as the daemon's code sends it: it hands XPC C strings, so each text ends where its first NUL stands, and
 * what is behind it is lost.
 */
export function withCStrings(message: XpcDictionary): XpcDictionary {
  return new Map([...message].map(([key, value]) => [cString(key), withCStringsIn(value)]));
}

function withCStringsIn(value: XpcValue): XpcValue {
  if (typeof value === 'string') return cString(value);
  if (value instanceof Map) return withCStrings(value as XpcDictionary);
  return Array.isArray(value) ? value.map((entry: XpcValue) => withCStringsIn(entry)) : value;
}

function cString(text: string): string {
  const end = text.indexOf('\0');
  return end === -1 ? text : text.slice(0, end);
}
