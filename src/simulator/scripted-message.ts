import { dictionary, double, int64, uint64 } from '../xpc/value.ts';
import type { XpcDictionary, XpcValue } from '../xpc/value.ts';
import { daemonMessage } from './outgoing.ts';
import type { JsonValue, MessageFields } from './step.ts';
import type { Timers } from './timers.ts';

/** A message that a script made up: its fields over those of the envelope; null takes one of these away. */
export function scriptedMessage(timers: Timers, requestId: string, fields: MessageFields): XpcDictionary {
  const message = new Map(daemonMessage(timers, requestId, ''));
  for (const [key, value] of Object.entries(fields)) {
    if (value === null) message.delete(key);
    else message.set(key, xpcOf(value));
  }
  return message;
}

/** Integers become uint64, or int64 below zero; other numbers double. */
function xpcOf(value: JsonValue): XpcValue {
  if (typeof value === 'number') {
    if (!Number.isInteger(value)) return double(value);
    return value < 0 ? int64(value) : uint64(value);
  }
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((entry: JsonValue) => xpcOf(entry));
  return dictionary(Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, xpcOf(entry as JsonValue)])));
}
