import { describe, expect, test } from 'vitest';

import { ManualClock } from '../../test/support/manual-clock.ts';
import { failedObservation, observation } from '../../test/support/observation.ts';
import type { Clock } from '../core/clock.ts';
import type { JsonObject, JsonValue } from '../core/json.ts';
import type { Objective } from '../core/objective.ts';
import { randomFrom } from '../simulator/random.ts';
import { judgeObjective } from './judge-objective.ts';
import type { Observation } from './observation.ts';
import { Telemetry } from './telemetry.ts';

const AT = { route: 'chat', deployment: 'openai/gpt-4o', bucket: 0 };
const TTFT: Objective = { name: 'ttft_p95', limit: 2000, at: 'candor.yaml:9' };
const VALID: Objective = { name: 'valid_rate', limit: 0.9, at: 'candor.yaml:10' };
const ERRORS: Objective = { name: 'error_rate', limit: 0.2, at: 'candor.yaml:11' };
const COST: Objective = { name: 'cost_per_request', limit: 20_000_000, at: 'candor.yaml:12' };
const FIVE_MINUTES_MS = 300_000;
const DAY_MS = 86_400_000;

function record(
  telemetry: Telemetry,
  count: number,
  but: Partial<Observation> = {},
  objectives: readonly Objective[] = [],
) {
  return Array.from({ length: count }, () => telemetry.record(observation(but), objectives)).flat();
}

test('of what was never measured it says that nothing is known', () => {
  const telemetry = new Telemetry(new ManualClock());
  expect(telemetry.ttft(AT)).toBeNull();
  expect(telemetry.load(AT.deployment, 0)).toBeNull();
  expect(telemetry.outputTokens(AT)).toBeNull();
  expect(telemetry.acceptedShare(AT)).toBe(1);
  expect(telemetry.evidence(AT, TTFT)).toMatchObject({ value: null, n: 0, misses: 0, was_missed: false });
  expect(telemetry.summary()).toEqual([]);
});

describe('what is measured', () => {
  test('is kept apart by deployment, route and, for the first content, size of the prompt', () => {
    const telemetry = new Telemetry(new ManualClock());
    record(telemetry, 3, { ttftMs: 300 });
    record(telemetry, 5, { ttftMs: 900, promptTokens: 10_000 });
    record(telemetry, 7, { ttftMs: 5000, route: null });
    const medians = [AT, { ...AT, bucket: 3 }, { ...AT, route: null }, { ...AT, bucket: 1 }].map((at) =>
      telemetry.ttft(at),
    );
    expect(medians.map((ttft) => ttft?.n ?? null)).toEqual([3, 5, 7, null]);
    for (const [index, trueMs] of [300, 900, 5000].entries()) {
      expect(Math.abs((medians[index]?.p50_ms ?? 0) / trueMs - 1)).toBeLessThan(0.031);
    }
    expect(telemetry.summary().map(({ route, n, ttft }) => [route, n, ttft.n])).toEqual([
      ['chat', 8, 8],
      [null, 7, 7],
    ]);
  });

  test('fades: speed and errors by half in five minutes, quality in a day', () => {
    const clock = new ManualClock();
    const telemetry = new Telemetry(clock);
    record(telemetry, 16, {}, [TTFT, VALID]);
    clock.advance(FIVE_MINUTES_MS);
    expect(telemetry.ttft(AT)?.n).toBeCloseTo(8, 6);
    expect(telemetry.evidence(AT, TTFT).n).toBeCloseTo(8, 6);
    expect(telemetry.evidence(AT, VALID).n).toBeGreaterThan(15.9);
    clock.advance(DAY_MS - FIVE_MINUTES_MS);
    expect(telemetry.evidence(AT, VALID)).toMatchObject({ n: 8, value: 1 });
    expect(telemetry.ttft(AT)).toBeNull();
    const [summary] = telemetry.summary();
    expect(summary?.valid_rate).toEqual({ n: 8, share: 1 });
    expect(summary?.error_rate).toEqual({ n: 0, share: null });
    expect(telemetry.outputTokens(AT)).toBe(200);
  });

  test('does not fade, and never grows, while the wall clock is set back', () => {
    let wallMs = 1_000_000;
    const clock: Clock = { now: () => 0, wallTime: () => wallMs, setTimer: () => ({ cancel: () => undefined }) };
    const telemetry = new Telemetry(clock);
    record(telemetry, 10, {}, [TTFT]);
    wallMs -= 500_000;
    expect([telemetry.ttft(AT)?.n, telemetry.evidence(AT, TTFT).n]).toEqual([10, 10]);
    wallMs += FIVE_MINUTES_MS;
    expect([telemetry.ttft(AT)?.n, telemetry.evidence(AT, TTFT).n]).toEqual([5, 5]);
  });

  test('is told with how many observations each figure has', () => {
    const telemetry = new Telemetry(new ManualClock());
    record(telemetry, 6);
    record(telemetry, 1, { outcome: 'invalid', valid: false });
    record(telemetry, 1, { repaired: true, streamed: false, tokensPerSecond: null });
    record(telemetry, 1, { outcome: 'refused', valid: null, completionTokens: 20, costNanoUsd: null });
    telemetry.record(failedObservation('overloaded'), []);
    telemetry.record(failedObservation('rate_limited', { outcome: 'limited' }), []);
    telemetry.record(failedObservation('idle_timeout', { ttftMs: 500, stalled: true, costNanoUsd: 1_000_000 }), []);
    expect(telemetry.summary()).toEqual([
      {
        deployment: 'openai/gpt-4o',
        route: 'chat',
        n: 12,
        ttft: { n: 10, p50_ms: expect.closeTo(400, -2), p95_ms: expect.any(Number), p99_ms: expect.any(Number) },
        tokens_per_second: { n: 8, p50: expect.closeTo(60, -1) },
        error_rate: { n: 11, share: expect.closeTo(2 / 11, 4) },
        stall_rate: { n: 9, share: expect.closeTo(1 / 9, 4) },
        valid_rate: { n: 8, share: 0.875 },
        refusal_rate: { n: 9, share: expect.closeTo(1 / 9, 4) },
        repair_rate: { n: 9, share: expect.closeTo(1 / 9, 4) },
        errors: { overloaded: 1, rate_limited: 1, idle_timeout: 1 },
        // 8 answers at 2,000,000 and the stalled one at 1,000,000, for 7 that were accepted.
        cost_per_accepted: { n: 7, nano_usd: Math.round(17_000_000 / 7), unpriced: 3 },
      },
    ]);
    expect(telemetry.outputTokens(AT)).toBe(180);
    // Two accepted answers are assumed beside the 7 of 9.
    expect(telemetry.acceptedShare(AT)).toBeCloseTo(9 / 11, 4);
  });

  test('of waiting in vain counts what is longer than usual', () => {
    const telemetry = new Telemetry(new ManualClock());
    telemetry.record(failedObservation('client_closed', { waitedMs: 50, outcome: 'neutral' }), []);
    expect([telemetry.ttft(AT), telemetry.load(AT.deployment, 0)]).toEqual([null, null]);
    telemetry.record(failedObservation('first_token_timeout', { waitedMs: 6000 }), []);
    expect(telemetry.ttft(AT)).toMatchObject({ n: 1 });
    telemetry.record(failedObservation('client_closed', { waitedMs: 50, outcome: 'neutral' }), []);
    expect(telemetry.ttft(AT)?.p50_ms).toBeGreaterThan(5800);
    expect(telemetry.load(AT.deployment, 0)).toBe(6000);
  });
});

describe('an objective', () => {
  test('is lost after four slow answers in a row, with the numbers of these, and met again after twelve', () => {
    const clock = new ManualClock();
    const telemetry = new Telemetry(clock);
    expect(record(telemetry, 300, { ttftMs: 600 }, [TTFT])).toEqual([]);
    expect(telemetry.ttft(AT)?.p95_ms).toBeLessThan(650);
    clock.advance(1000);
    expect(record(telemetry, 3, { ttftMs: 8000 }, [TTFT])).toEqual([]);
    const [lost] = record(telemetry, 1, { ttftMs: 8000 }, [TTFT]);
    expect(lost).toMatchObject({
      route: 'chat',
      deployment: 'openai/gpt-4o',
      bucket: 0,
      change: 'missed',
      objective: {
        n: 4,
        met: false,
        reason: '4 of the latest 4 answers took longer than 2000 ms to begin: a sudden change',
      },
    });
    expect(lost?.objective.value).toBeGreaterThan(7700);
    expect(judgeObjective(telemetry.evidence(AT, TTFT)).met).toBe(false);
    // Other sizes of prompts were not slow.
    expect(judgeObjective(telemetry.evidence({ ...AT, bucket: 2 }, TTFT)).met).toBeNull();

    clock.advance(60_000);
    expect(record(telemetry, 11, { ttftMs: 600 }, [TTFT])).toEqual([]);
    const [met] = record(telemetry, 1, { ttftMs: 600 }, [TTFT]);
    expect(met).toMatchObject({ change: 'met', objective: { met: true } });
    expect(met?.objective.value).toBeLessThan(650);
    expect(telemetry.evidence(AT, TTFT)).toMatchObject({ n: 12, misses: 0, was_missed: false });
  });

  test('has the measured figure in its own unit', () => {
    const telemetry = new Telemetry(new ManualClock());
    const tokens: Objective = { name: 'tokens_per_second', limit: 30, at: 'candor.yaml:13' };
    const all = [TTFT, VALID, ERRORS, COST, tokens];
    record(telemetry, 19, {}, all);
    telemetry.record(failedObservation('reset', { valid: false }), all);
    const values = all.map((objective) => telemetry.evidence(AT, objective).value);
    expect(values).toEqual([expect.closeTo(400, -2), 0.95, 0.05, null, expect.closeTo(60, -1)]);
  });

  test('begins anew when its limit is another one; requests of the old configuration still count for the old', () => {
    const telemetry = new Telemetry(new ManualClock());
    const [tight, tighter] = [1000, 900].map((limit) => ({ ...TTFT, limit })) as [Objective, Objective];
    record(telemetry, 4, { ttftMs: 8000 }, [TTFT]);
    record(telemetry, 1, {}, [tight]);
    expect(telemetry.evidence(AT, tight)).toMatchObject({ n: 1, was_missed: false });
    expect(telemetry.evidence(AT, TTFT)).toMatchObject({ n: 4, was_missed: true });
    record(telemetry, 1, {}, [tighter]);
    expect(telemetry.evidence(AT, TTFT)).toMatchObject({ n: 0, was_missed: false });
    expect(telemetry.evidence(AT, tight).n).toBe(1);
  });
});

/** Who was not tried for so long is tried by the next request. */
const PAUSE_MS = 300_000;

describe('a trial', () => {
  const due = (telemetry: Telemetry, count: number): number =>
    Array.from({ length: count }, () => telemetry.trialDue(AT, [TTFT], 0.5)).filter(Boolean).length;

  test('is for who was not measured, or misses an objective', () => {
    const clock = new ManualClock();
    const telemetry = new Telemetry(clock);
    expect(due(telemetry, 10)).toBe(1);
    clock.advance(PAUSE_MS);
    record(telemetry, 8, {}, [TTFT]);
    expect(due(telemetry, 10)).toBe(0);
    record(telemetry, 4, { ttftMs: 8000 }, [TTFT]);
    expect(due(telemetry, 10)).toBe(1);
    expect(due(telemetry, 10)).toBe(0);
    clock.advance(PAUSE_MS);
    expect(due(telemetry, 10)).toBe(1);
  });

  test('that went well is followed by more of them, one that did not by few', () => {
    const telemetry = new Telemetry(new ManualClock());
    const random = randomFrom('trials that go well');
    const share = (): number => {
      const due = Array.from({ length: 20_000 }, () => telemetry.trialDue(AT, [TTFT], random.next()));
      return due.filter(Boolean).length / due.length;
    };
    record(telemetry, 4, { ttftMs: 8000 }, [TTFT]);
    // Of 5 % that may be slow two fifths; each keeps the next three requests from being one.
    expect(share()).toBeCloseTo(1 / (50 + 3), 2);
    record(telemetry, 2, {}, [TTFT]);
    expect(share()).toBeCloseTo(1 / (12.5 + 3), 2);
    record(telemetry, 6, {}, [TTFT]);
    expect(share()).toBeCloseTo(1 / (4 + 3), 2);
    record(telemetry, 1, { ttftMs: 8000 }, [TTFT]);
    expect(share()).toBeCloseTo(1 / (50 + 3), 2);
  });
});

describe('prompts of another size', () => {
  const OTHER = { ...AT, bucket: 2 };
  const ofOther = (telemetry: Telemetry, count: number, ttftMs: number): void => {
    record(telemetry, count, { ttftMs, promptTokens: 5000 }, [TTFT]);
  };

  test('are slow too with the first slow answer, when one size is slow all at once; and fast again after four', () => {
    const telemetry = new Telemetry(new ManualClock());
    record(telemetry, 50, {}, [TTFT]);
    ofOther(telemetry, 50, 300);
    record(telemetry, 4, { ttftMs: 8000 }, [TTFT]);
    expect(telemetry.evidence(OTHER, TTFT).was_missed).toBe(false);
    ofOther(telemetry, 1, 8000);
    expect(telemetry.evidence(OTHER, TTFT).was_missed).toBe(true);
    record(telemetry, 12, {}, [TTFT]);
    ofOther(telemetry, 3, 300);
    expect(telemetry.evidence(OTHER, TTFT).was_missed).toBe(true);
    ofOther(telemetry, 1, 300);
    const back = telemetry.evidence(OTHER, TTFT);
    expect(back.was_missed).toBe(false);
    // What was shown of its own: the slow one is not among it.
    expect(back.value).toBeLessThan(400);
  });

  test('are not, when theirs come fast', () => {
    const telemetry = new Telemetry(new ManualClock());
    record(telemetry, 50, {}, [TTFT]);
    ofOther(telemetry, 50, 300);
    record(telemetry, 4, { ttftMs: 8000 }, [TTFT]);
    ofOther(telemetry, 20, 300);
    ofOther(telemetry, 1, 8000);
    expect(telemetry.evidence(OTHER, TTFT).was_missed).toBe(false);
  });
});

test('a first content is counted when it comes, and not again when the answer has ended', () => {
  const telemetry = new Telemetry(new ManualClock());
  const changes = Array.from({ length: 4 }, () => telemetry.firstContent(AT, 8000, [TTFT])).flat();
  expect(changes).toMatchObject([{ deployment: AT.deployment, route: AT.route, change: 'missed', bucket: AT.bucket }]);
  expect(telemetry.load(AT.deployment, AT.bucket)).toBe(8000);
  expect(telemetry.record(observation({ ttftMs: 8000 }), [TTFT], true)).toEqual([]);
  expect(telemetry.evidence(AT, TTFT)).toMatchObject({ n: 4, misses: 4, trial: { n: 0, misses: 0 } });
  expect(telemetry.ttft(AT)?.n).toBe(4);
});

test('the load grows with the requests under way', () => {
  const telemetry = new Telemetry(new ManualClock());
  record(telemetry, 1, { ttftMs: 250 });
  telemetry.begin(AT.deployment);
  telemetry.begin(AT.deployment);
  expect(telemetry.load(AT.deployment, 0)).toBe(750);
  telemetry.end(AT.deployment);
  expect([telemetry.load(AT.deployment, 0), telemetry.load(AT.deployment, 1)]).toEqual([500, null]);
});

test('of more than 4,096 deployments and routes those go that were used last longest ago', () => {
  const clock = new ManualClock();
  const telemetry = new Telemetry(clock);
  for (let made = 0; made < 4096; made++) {
    record(telemetry, 1, { deployment: `openai/model-${made >> 4}`, route: `route-${made & 15}` });
    clock.advance(1);
  }
  record(telemetry, 1, { deployment: 'openai/model-0', route: 'route-0' });
  clock.advance(1);
  record(telemetry, 1);
  const kept = telemetry.summary().map(({ deployment, route }) => `${deployment} ${route}`);
  expect(kept.length).toBe(4096 - 512 + 1);
  expect(kept).toContain('openai/model-0 route-0');
  expect(kept).not.toContain('openai/model-0 route-1');
  expect(kept).not.toContain('openai/model-32 route-0');
  expect(kept).toContain('openai/model-32 route-1');
  expect(kept).toContain('openai/gpt-4o chat');
});

test('names that come and go by the ten thousand, as over many reloads, are met quickly and not all kept', () => {
  const clock = new ManualClock();
  const telemetry = new Telemetry(clock);
  const began = performance.now();
  telemetry.begin('openai/long-answer');
  record(telemetry, 1, { deployment: 'openai/long-answer' });
  clock.advance(1);
  for (let made = 0; made < 20_000; made++) {
    const [deployment, route] = [`openai/model-${made}`, `route-${made}`];
    telemetry.begin(deployment);
    telemetry.trialDue({ route, deployment, bucket: 0 }, [TTFT], 0.5);
    record(telemetry, 1, { deployment, route }, [TTFT]);
    telemetry.end(deployment);
    clock.advance(1);
  }
  // To look for the one to go each time took twenty seconds.
  expect(performance.now() - began).toBeLessThan(5_000);
  expect(telemetry.summary().length).toBeLessThanOrEqual(4096);
  telemetry.end('openai/long-answer');
  const loads = ['openai/model-0', 'openai/long-answer'].map((name) => telemetry.load(name, 0));
  expect(loads).toEqual([null, null]);
});

describe('a snapshot', () => {
  const objectives = [TTFT, VALID, ERRORS];

  function filled(clock: Clock): Telemetry {
    const telemetry = new Telemetry(clock);
    record(telemetry, 30, {}, objectives);
    record(telemetry, 4, { ttftMs: 9000, promptTokens: 5000 }, objectives);
    record(telemetry, 1, { promptTokens: 5000 }, objectives);
    record(telemetry, 3, { route: null });
    telemetry.record(failedObservation('overloaded'), objectives);
    return telemetry;
  }

  /** As it comes out of a file. */
  const written = (telemetry: Telemetry): JsonObject => JSON.parse(JSON.stringify(telemetry.snapshot())) as JsonObject;

  test('holds all that is measured: who reads it goes on as if nothing had been', () => {
    const clock = new ManualClock();
    const telemetry = filled(clock);
    const read = new Telemetry(clock);
    expect(read.restore(written(telemetry))).toBe(true);
    clock.advance(FIVE_MINUTES_MS);
    expect(read.summary()).toEqual(telemetry.summary());
    for (const at of [AT, { ...AT, bucket: 2 }]) {
      expect(read.ttft(at)).toEqual(telemetry.ttft(at));
      expect(objectives.map((each) => read.evidence(at, each))).toEqual(
        objectives.map((each) => telemetry.evidence(at, each)),
      );
    }
    expect(read.evidence({ ...AT, bucket: 2 }, TTFT)).toMatchObject({ was_missed: true, trial: { n: 1 } });
    const trial = record(read, 11, { promptTokens: 5000 }, objectives);
    expect(trial).toMatchObject([{ change: 'met', bucket: 2 }]);
  });

  test('has faded by the time since it was taken; one of the future has not', () => {
    const snapshot = written(filled(new ManualClock()));
    const later = new ManualClock();
    later.advance(FIVE_MINUTES_MS);
    const telemetry = new Telemetry(later);
    telemetry.restore(snapshot);
    expect(telemetry.ttft(AT)?.n).toBeCloseTo(15, 2);
    const future = new Telemetry(new ManualClock());
    future.restore({ ...snapshot, at: Number(snapshot['at']) + DAY_MS });
    expect(future.ttft(AT)?.n).toBeCloseTo(30, 2);
  });

  test('leaves out what has faded away', () => {
    const clock = new ManualClock();
    const telemetry = filled(clock);
    clock.advance(60 * DAY_MS);
    expect(telemetry.snapshot()['meters']).toEqual([]);
  });

  test('that is none changes nothing, whatever is wrong with it', () => {
    const clock = new ManualClock();
    const snapshot = written(filled(clock));
    const telemetry = new Telemetry(clock);
    record(telemetry, 2);
    const before = written(telemetry);
    const wrong: JsonValue[] = [null, 7, 'x', [], {}, { ...snapshot, version: 2 }, { ...snapshot, at: 'now' }];
    const impossible = [
      replaced(snapshot, ['meters', '0', 'speed', 'counts', '0'], [1, 2, 3]),
      replaced(snapshot, ['meters', '0', 'objectives', '0', 'misses'], 1e9),
      // Two of these are more than a number can be.
      replaced(snapshot, ['meters', '0', 'fast', 'attempts'], 1e308),
      replaced(snapshot, ['meters', '0', 'speed', 'counts', '0', '1'], 1e308),
    ];
    for (const broken of [...wrong, ...impossible, ...mutilated(snapshot)]) {
      expect(telemetry.restore(broken), JSON.stringify(broken).slice(0, 200)).toBe(false);
    }
    expect(written(telemetry)).toEqual(before);
  });
});

/** The snapshot with one value after the other made into something that cannot be there. */
function mutilated(snapshot: JsonObject): JsonValue[] {
  const places: string[][] = [];
  const walk = (value: JsonValue | undefined, path: readonly string[]): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, member] of Object.entries(value) as [string, JsonValue][]) {
      places.push([...path, key]);
      walk(member, [...path, key]);
    }
  };
  walk(snapshot, []);
  return places.flatMap((path) => [-1, { no: 'sense' }].map((wrong) => replaced(snapshot, path, wrong)));
}

function replaced(value: JsonValue | undefined, [key, ...rest]: readonly string[], wrong: JsonValue): JsonValue {
  if (key === undefined) return wrong;
  const copy = structuredClone(value) as Record<string, JsonValue>;
  copy[key] = replaced(copy[key], rest, wrong);
  return copy;
}
