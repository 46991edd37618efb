import { describe, expect, test } from 'vitest';

import type { JsonObject } from '../core/json.ts';
import { FaultRejected } from '../core/simulation.ts';
import { instantClock } from './clock.ts';
import { FaultBoard } from './fault-board.ts';

const TARGETS = new Set(['openai', 'gpt-4o', 'deepseek', 'deepseek-chat']);

function board(): FaultBoard {
  return new FaultBoard(instantClock(), TARGETS);
}

function rejection(fault: JsonObject): FaultRejected {
  try {
    board().add(fault);
  } catch (error) {
    if (error instanceof FaultRejected) return error;
    throw error;
  }
  throw new Error(`accepted ${JSON.stringify(fault)}`);
}

describe('what is accepted', () => {
  test.each<readonly [JsonObject, JsonObject]>([
    [{ fault: 'outage' }, { status: 503 }],
    [{ fault: 'outage', status: 429 }, { status: 429 }],
    [{ fault: 'outage', status: 'refuse' }, { status: 'refuse' }],
    [{ fault: 'malformed_json', every: 3 }, { every: 3 }],
    [{ fault: 'slow', ms: 3000 }, { ms: 3000 }],
    [{ fault: 'invent_citations' }, {}],
    [{ fault: 'refuse' }, {}],
    [
      { fault: 'cut', after_tokens: 12 },
      { after_tokens: 12, clean: false },
    ],
    [
      { fault: 'cut', after_tokens: 12, clean: true },
      { after_tokens: 12, clean: true },
    ],
    [{ fault: 'stall', after_tokens: 0 }, { after_tokens: 0 }],
    [{ fault: 'content_type' }, { value: 'text/html' }],
    [
      { fault: 'rate_limit', retry_after_s: 2, for_ms: 60_000 },
      { retry_after_s: 2, for_ms: 60_000 },
    ],
  ])('%j', (posted, own) => {
    const faults = board();
    const expected = { target: 'openai', fault: posted['fault'], ...own };
    expect(faults.add({ target: 'openai', ...posted })).toEqual(expected);
    expect(faults.list()).toEqual([expected]);
  });
});

describe('what is refused', () => {
  test.each<readonly [JsonObject, RegExp]>([
    [{ fault: 'outage' }, /"target" names/],
    [{ target: 'openai' }, /"fault" is one of outage, malformed_json/],
    [{ target: 'openai', fault: 'explode' }, /not "explode"/],
    [{ target: 'openai', fault: 'toString' }, /not "toString"/],
    [{ target: 'openai', fault: 'outage', status: 418 }, /503, 429 or "refuse", not 418/],
    [{ target: 'openai', fault: 'outage', every: 2 }, /outage has no "every"; it takes target, fault, for_ms, status/],
    [{ target: 'openai', fault: 'cut' }, /"after_tokens" is a whole number/],
    [{ target: 'openai', fault: 'cut', after_tokens: 1.5 }, /not 1.5/],
    [{ target: 'openai', fault: 'cut', after_tokens: 1, clean: 'yes' }, /true or false/],
    [{ target: 'openai', fault: 'malformed_json', every: 0 }, /at least 1/],
    [{ target: 'openai', fault: 'content_type', value: 'html\r\n' }, /media type/],
    [{ target: 'openai', fault: 'slow', ms: '3s' }, /not "3s"/],
  ])('%j', (posted, message) => {
    const error = rejection(posted);
    expect(error.code).toBe('invalid_request');
    expect(error.message).toMatch(message);
  });

  test('a target that is not simulated', () => {
    const error = rejection({ target: 'mistral', fault: 'outage' });
    expect(error.code).toBe('sim_not_simulated');
    expect(error.message).toContain('openai, gpt-4o, deepseek, deepseek-chat');
  });
});

describe('what a request meets', () => {
  test('a fault on its provider or on its model, and no other', () => {
    const faults = board();
    faults.add({ target: 'openai', fault: 'outage' });
    faults.add({ target: 'deepseek-chat', fault: 'slow', ms: 500 });
    expect(faults.meet('openai', 'gpt-4o', null).instead).toEqual({ kind: 'status', status: 503 });
    expect(faults.meet('deepseek', 'deepseek-chat', null)).toMatchObject({ instead: null, firstTokenMs: 500 });
    expect(faults.meet('deepseek', 'deepseek-reasoner', null)).toMatchObject({ instead: null, firstTokenMs: null });
  });

  test('every third answer malformed, each in the next way, and activeFault tells which', () => {
    const faults = board();
    faults.add({ target: 'gpt-4o', fault: 'malformed_json', every: 3 });
    const told: (string | null)[] = [];
    const met = Array.from({ length: 7 }, () => {
      told.push(faults.activeFault('openai', 'gpt-4o'));
      return faults.meet('openai', 'gpt-4o', null).malformed;
    });
    expect(met).toEqual([null, null, 0, null, null, 1, null]);
    expect(told).toEqual([null, null, 'malformed', null, null, 'malformed', null]);
  });

  test('a fault of the same name takes the place of the older one', () => {
    const faults = board();
    faults.add({ target: 'openai', fault: 'slow', ms: 1 });
    faults.add({ target: 'openai', fault: 'slow', ms: 2 });
    expect(faults.list()).toEqual([{ target: 'openai', fault: 'slow', ms: 2 }]);
  });

  test("a request's own fault weighs more", () => {
    const faults = board();
    faults.add({ target: 'openai', fault: 'cut', after_tokens: 3 });
    const met = faults.meet('openai', 'gpt-4o', { kind: 'stall', afterTokens: 1 });
    expect(met.ending).toEqual({ kind: 'stall', afterTokens: 1 });
  });

  test('the weightiest of several is told', () => {
    const faults = board();
    faults.add({ target: 'gpt-4o', fault: 'slow', ms: 9 });
    faults.add({ target: 'openai', fault: 'cut', after_tokens: 3, clean: true });
    expect(faults.activeFault('openai', 'gpt-4o')).toBe('cut-clean:3');
    faults.add({ target: 'openai', fault: 'outage', status: 'refuse' });
    expect(faults.activeFault('openai', 'gpt-4o')).toBe('refuse');
    faults.reset();
    expect(faults.activeFault('openai', 'gpt-4o')).toBeNull();
  });

  test('it ends when its time is over', async () => {
    const clock = instantClock();
    const faults = new FaultBoard(clock, TARGETS);
    faults.add({ target: 'openai', fault: 'outage', for_ms: 100 });
    expect(faults.list()).toHaveLength(1);
    await new Promise<void>((resolve) => void clock.after(100, resolve));
    expect(faults.list()).toEqual([]);
    expect(faults.meet('openai', 'gpt-4o', null).instead).toBeNull();
  });
});
