import type { ApiKey } from '../core/api-keys.ts';
import { GatewayError } from '../core/errors.ts';
import type { Clock } from '../core/ids.ts';
import type { TurnObserver } from '../core/turn-report.ts';

/**
 * Sees to it that no key has more than its share. It observes turns, over HTTP, over WebSockets and in the background
 * alike: each takes a place of its key when it begins, and gives it back when it ends, however it does.
 */
export type KeyLimits = TurnObserver & {
  /** Counts a request; null: nothing limits the requests of this key. Refused ones take nothing. */
  countRequest(key: ApiKey | null): RequestCount | null;
  /**
   * To be asked before a turn begins.
   *
   * @throws GatewayError `rate_limit_exceeded` when the key has as many turns as it may.
   */
  checkTurns(key: ApiKey | null): void;
};

export type RequestCount = {
  /** A minute. */
  readonly limit: number;
  /** How many may follow at once. */
  readonly remaining: number;
  /** Milliseconds until `limit` may follow at once. */
  readonly reset: number;
  /** Why this one is refused; null: it isn't. */
  readonly refusal: GatewayError | null;
};

export type LimitName = 'turns' | 'requests';

export type KeyLimitsOptions = {
  readonly clock: Clock;
  /** Is told of each refusal. */
  readonly refused: (key: ApiKey, limit: LimitName) => void;
};

/** What is remembered of a key, by its name: so it outlives the key's renewal. */
type Account = {
  turns: number;
  /** Running mean of how long a turn takes, in ms. */
  turnTime: number;
  /** Requests that may be made at once, at a time of the clock; null: as many as the limit says. */
  allowance: { readonly requests: number; readonly at: number } | null;
};

const minute = 60_000;
/** Milliseconds that a turn is taken to last as long as none has ended. */
const usualTurnTime = 5000;

export function createKeyLimits({ clock, refused }: KeyLimitsOptions): KeyLimits {
  const accounts = new Map<string, Account>();

  function accountOf(name: string): Account {
    let account = accounts.get(name);
    if (account === undefined) {
      account = { turns: 0, turnTime: usualTurnTime, allowance: null };
      accounts.set(name, account);
    }
    return account;
  }

  return {
    countRequest(key) {
      if (key === null || key.requestsPerMinute === null) return null;
      const { name, requestsPerMinute: limit } = key;
      const account = accountOf(name);
      const now = clock.elapsed();
      const timeOfOne = minute / limit;
      const { requests, at } = account.allowance ?? { requests: limit, at: now };
      // A bucket of as many as a minute has, which fills evenly.
      const allowed = Math.min(limit, requests + (now - at) / timeOfOne);
      const isRefused = allowed < 1;
      const left = isRefused ? allowed : allowed - 1;
      account.allowance = { requests: left, at: now };
      if (isRefused) refused(key, 'requests');
      return {
        limit,
        remaining: Math.floor(left),
        reset: Math.ceil((limit - left) * timeOfOne),
        refusal: isRefused
          ? refusal(
              `The API key '${name}' may make at most ${numbered(limit, 'request')} a minute`,
              (1 - allowed) * timeOfOne,
            )
          : null,
      };
    },
    checkTurns(key) {
      if (key === null || key.turns === null) return;
      const { turns, turnTime } = accountOf(key.name);
      if (turns < key.turns) return;
      refused(key, 'turns');
      throw refusal(
        `The API key '${key.name}' may have at most ${numbered(key.turns, 'turn')} at a time`,
        turnTime / turns,
      );
    },
    began({ key }) {
      if (key !== null) accountOf(key).turns += 1;
    },
    ended({ key, began, ended }) {
      if (key === null) return;
      const account = accountOf(key);
      account.turns -= 1;
      account.turnTime = account.turnTime * 0.8 + ((ended ?? began) - began) * 0.2;
    },
  };
}

const numbered = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`;

/** @param wait milliseconds until there is room again. */
function refusal(why: string, wait: number): GatewayError {
  const retryAfter = Math.max(1, Math.ceil(wait / 1000));
  return new GatewayError('rate_limit_exceeded', `${why}. Please try again in ${retryAfter}s.`, { retryAfter });
}
