import { describe, expect, test } from 'vitest';
import type { ApiKey } from '../../src/core/api-keys.ts';
import type { GatewayError } from '../../src/core/errors.ts';
import type { TurnReport } from '../../src/core/turn-report.ts';
import { createKeyLimits } from '../../src/http/key-limits.ts';

const apiKey = (name: string, turns: number | null, requestsPerMinute: number | null): ApiKey => ({
  name,
  hash: name,
  plain: null,
  turns,
  requestsPerMinute,
});

function keyLimits() {
  let time = 0;
  const refusals: string[] = [];
  const limits = createKeyLimits({
    clock: { now: () => time, elapsed: () => time },
    refused: ({ name }, limit) => refusals.push(`${name} ${limit}`),
  });
  return { limits, refusals, pass: (milliseconds: number) => (time += milliseconds) };
}

const report = (key: string | null, began = 0, ended = 0) => ({ key, began, ended }) as TurnReport;

function failureOf(work: () => unknown): GatewayError | null {
  try {
    work();
    return null;
  } catch (error) {
    return error as GatewayError;
  }
}

describe('requests a minute', () => {
  test('may come all at once, and fill up evenly', () => {
    const { limits, pass } = keyLimits();
    const key = apiKey('laptop', null, 3);
    const request = () => {
      const { remaining, reset, refusal } = limits.countRequest(key)!;
      return { remaining, reset, retryAfter: refusal?.retryAfter ?? null };
    };
    expect(request()).toEqual({ remaining: 2, reset: 20_000, retryAfter: null });
    expect(request()).toEqual({ remaining: 1, reset: 40_000, retryAfter: null });
    expect(request()).toEqual({ remaining: 0, reset: 60_000, retryAfter: null });
    expect(request()).toEqual({ remaining: 0, reset: 60_000, retryAfter: 20 });
    pass(19_999);
    // Asking too early costs nothing.
    expect(request()).toMatchObject({ remaining: 0, retryAfter: 1 });
    pass(1);
    expect(request()).toEqual({ remaining: 0, reset: 60_000, retryAfter: null });
    pass(3_600_000);
    expect(request()).toEqual({ remaining: 2, reset: 20_000, retryAfter: null });
  });

  test('are let in again after the time that was told, whatever the limit', () => {
    for (let limit = 1; limit <= 240; limit++) {
      const { limits, pass } = keyLimits();
      const key = apiKey('laptop', null, limit);
      for (let count = 0; count < limit; count++) expect(limits.countRequest(key)!.refusal).toBeNull();
      const refusal = limits.countRequest(key)!.refusal!;
      pass(refusal.retryAfter! * 1000);
      expect(limits.countRequest(key)!.refusal, `${limit} a minute`).toBeNull();
    }
  });

  test('are refused with the key’s name, the limit and when to come back', () => {
    const { limits, refusals } = keyLimits();
    const key = apiKey('laptop', null, 1);
    limits.countRequest(key);
    const { refusal } = limits.countRequest(key)!;
    expect(refusal).toMatchObject({
      code: 'rate_limit_exceeded',
      message: "The API key 'laptop' may make at most 1 request a minute. Please try again in 60s.",
    });
    expect(refusals).toEqual(['laptop requests']);
  });

  test('of one key are none of another, and without a limit nothing is counted', () => {
    const { limits } = keyLimits();
    limits.countRequest(apiKey('laptop', null, 1));
    expect(limits.countRequest(apiKey('phone', null, 1))!.refusal).toBeNull();
    expect(limits.countRequest(apiKey('tablet', null, null))).toBeNull();
    expect(limits.countRequest(null)).toBeNull();
  });

  test('follow a limit that is changed meanwhile', () => {
    const { limits, pass } = keyLimits();
    for (let count = 0; count < 100; count++) limits.countRequest(apiKey('laptop', null, 100));
    expect(limits.countRequest(apiKey('laptop', null, 2))!.refusal!.retryAfter).toBe(30);
    pass(30_000);
    expect(limits.countRequest(apiKey('laptop', null, 2))!.refusal).toBeNull();
    pass(3_600_000);
    expect(limits.countRequest(apiKey('laptop', null, 2))!.remaining).toBe(1);
  });
});

describe('turns at a time', () => {
  test('take a place each, and give it back when they end', () => {
    const { limits, refusals } = keyLimits();
    const key = apiKey('laptop', 2, null);
    const check = () => failureOf(() => limits.checkTurns(key));
    limits.began(report('laptop'));
    expect(check()).toBeNull();
    limits.began(report('laptop'));
    expect(check()).toMatchObject({
      code: 'rate_limit_exceeded',
      message: "The API key 'laptop' may have at most 2 turns at a time. Please try again in 3s.",
      retryAfter: 3,
    });
    expect(refusals).toEqual(['laptop turns']);
    limits.ended(report('laptop'));
    expect(check()).toBeNull();
    limits.checkTurns(apiKey('phone', 1, null));
    limits.checkTurns(apiKey('laptop', null, null));
    limits.checkTurns(null);
  });

  test('that are long make for a longer wait', () => {
    const { limits } = keyLimits();
    const key = apiKey('laptop', 1, null);
    for (let count = 0; count < 100; count++) {
      limits.began(report('laptop'));
      limits.ended(report('laptop', 1000, 61_000));
    }
    limits.began(report('laptop'));
    expect(failureOf(() => limits.checkTurns(key))!.retryAfter).toBe(60);
  });

  test('without a key are nobody’s', () => {
    const { limits } = keyLimits();
    limits.began(report(null));
    limits.ended(report(null));
    limits.checkTurns(apiKey('none', 1, null));
  });
});
