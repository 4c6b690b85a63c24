import { createHash } from 'node:crypto';
import { z } from 'zod';
import { noKey } from './core/api-keys.ts';
import type { ApiKey } from './core/api-keys.ts';

const hashPrefix = 'sha256:';

/** The form of a hash in a configuration file. A key has 256 random bits, so nothing slower is needed to keep it. */
export function hashOfKey(key: string): string {
  return `${hashPrefix}${createHash('sha256').update(key).digest('hex')}`;
}

/** Plain keys that are shorter may be guessed. */
const shortest = 16;

const keyOrHash = z
  .string()
  .regex(/^\S+$/, 'a key has at least one character and no spaces')
  .regex(/^(?!sha256:)|^sha256:[\da-fA-F]{64}$/, 'a hash is sha256: and 64 hexadecimal digits');

export const keyName = z
  .string()
  .regex(/^[A-Za-z\d][\w.-]{0,63}$/, 'a name has at most 64 letters, digits, dots and dashes');

const limit = z.int().min(1).nullable().optional();

const entry = z.strictObject({
  name: keyName.describe('What the log, metrics and messages call the key.'),
  key: keyOrHash.describe('The key or, better, its hash; codexpc-gateway key makes both.'),
  turns: limit.describe('In place of limits.turnsPerKey, for this key; null: no limit.'),
  requestsPerMinute: limit.describe('In place of limits.requestsPerMinutePerKey, for this key; null: no limit.'),
});

/** A key by itself, or with a name and limits of its own. */
export const keySchema = z.union([keyOrHash, entry], { error: 'expected a key, or an entry with name and key' });

export type WrittenKey = z.infer<typeof keySchema>;

type Limits = { readonly turnsPerKey: number | null; readonly requestsPerMinutePerKey: number | null };

type Source = { readonly source: string } | undefined;

/** Every key with its name, its hash and the limits that hold for it. */
export function apiKeysOf(written: readonly WrittenKey[], limits: Limits): ApiKey[] {
  return written.map((each, index) => {
    const given = typeof each === 'string' ? { name: `key-${index + 1}`, key: each } : each;
    const { name, key, turns, requestsPerMinute } = { turns: undefined, requestsPerMinute: undefined, ...given };
    const isHash = key.startsWith(hashPrefix);
    return {
      name,
      hash: (isHash ? key : hashOfKey(key)).slice(hashPrefix.length).toLowerCase(),
      plain: isHash ? null : key,
      turns: turns === undefined ? limits.turnsPerKey : turns,
      requestsPerMinute: requestsPerMinute === undefined ? limits.requestsPerMinutePerKey : requestsPerMinute,
    };
  });
}

/** Why these keys can't be told apart; a sentence each. */
export function keyProblems(keys: readonly ApiKey[]): string[] {
  const problems: string[] = [];
  for (const [index, { name, hash }] of keys.entries()) {
    const before = keys.slice(0, index);
    if (name === noKey) problems.push(`An API key can't be called '${noKey}': metrics call requests without a key so.`);
    if (before.some((other) => other.name === name)) problems.push(`Two API keys are called '${name}'.`);
    const same = before.find((other) => other.hash === hash);
    if (same !== undefined) problems.push(`The API keys '${same.name}' and '${name}' are the same.`);
  }
  return problems;
}

/**
 * What works, but hardly as it was meant; a sentence each.
 *
 * @param isReachable whether other machines can reach the server.
 * @param given who gave the keys that count; `inFile`: who gave some in the file.
 */
export function keyWarnings(
  keys: readonly ApiKey[],
  limits: Limits,
  { isReachable, given, inFile }: { readonly isReachable: boolean; readonly given: Source; readonly inFile: Source },
): string[] {
  const warnings: string[] = [];
  if (inFile !== undefined && given !== undefined && inFile !== given) {
    warnings.push(`The API keys of ${inFile.source} are not used: ${given.source} gives others.`);
  }
  if (keys.length === 0 && (limits.turnsPerKey !== null || limits.requestsPerMinutePerKey !== null)) {
    warnings.push('limits.turnsPerKey and limits.requestsPerMinutePerKey have no effect: there are no API keys.');
  }
  const weak = keys.filter(({ plain }) => plain !== null && plain.length < shortest).map(({ name }) => name);
  if (isReachable && weak.length > 0) {
    warnings.push(
      `Other machines can guess API keys of less than ${shortest} characters (${weak.join(', ')}); codexpc-gateway key makes better ones.`,
    );
  }
  return warnings;
}
