import { describe, expect, test } from 'vitest';
import { ALIKE, CertificateBench, DAY_MS, SCOPE, WORSE } from '../../test/support/certificate-bench.ts';
import type { SubstitutionScope } from '../core/substitution.ts';

/** Both measures have a margin of two points. */
const ENOUGH = 216;

async function granted(): Promise<CertificateBench> {
  const bench = new CertificateBench();
  await bench.add(ENOUGH, ALIKE);
  return bench;
}

describe('a certificate is earned', () => {
  test('by enough pairs, and not one earlier', async () => {
    const bench = new CertificateBench();
    expect(bench.standing()).toEqual({
      certificate: null,
      state: 'none',
      reason: 'nobody has compared the two on route legal',
    });
    await bench.add(ENOUGH - 1, ALIKE);
    expect(bench.standing()).toMatchObject({ certificate: null, state: 'collecting' });
    expect(bench.standing().reason).toMatch(
      /^215 pairs; valid ±0 points \(margin 2\), e-value 19\.\d+ of 20; 1 more without/,
    );
    await bench.add(1, ALIKE);
    const [certificate] = bench.granted;
    expect(bench.standing()).toMatchObject({ certificate: certificate?.id, state: 'granted' });
    expect(bench.standing().reason).toContain('216 pairs');
  });

  test.each([
    ['valid', false, 216],
    ['refusal', true, 216],
    ['grounded', false, 216],
    ['agreement', true, 42],
    ['score', false, 85],
    ['score', true, 216],
  ])('%s, strict %s: with %d pairs that do not differ', async (metric, strict, pairs) => {
    const scope = { ...SCOPE, strict };
    const bench = new CertificateBench();
    await bench.add(pairs - 1, { [metric]: [1, 1] }, { scope });
    expect(bench.granted).toEqual([]);
    await bench.add(1, { [metric]: [1, 1] }, { scope });
    expect(bench.granted).toHaveLength(1);
  });

  test('by all measures together: the one that is worse keeps it back', async () => {
    const bench = new CertificateBench();
    for (let nth = 0; nth < 60; nth++) {
      await bench.add(9, ALIKE);
      await bench.add(1, WORSE);
    }
    expect(bench.standing()).toMatchObject({ certificate: null, state: 'collecting' });
    expect(bench.standing().reason).toMatch(/^600 pairs; grounded −10\.0 points \(margin 2\), e-value \d/);
    expect(bench.granted).toEqual([]);
  });

  test('not by a judge alone, nor by form alone', async () => {
    for (const [scores, source] of [
      [{ score: [1, 1] }, 'judge'],
      [{ valid: [1, 1], refusal: [1, 1] }, 'validator'],
    ] as const) {
      const bench = new CertificateBench();
      await bench.add(300, scores, { source });
      expect(bench.granted.map((each) => each.class)).toEqual(['weak']);
      expect(bench.standing()).toMatchObject({ certificate: bench.granted[0]?.id, state: 'collecting' });
      expect(bench.standing().reason).toBe(
        '300 pairs, which suffice, but no measure except a judge’s says whether the answers are right',
      );
    }
  });

  test('a judge’s evidence becomes enough when people’s is, and a few of people’s do not do', async () => {
    const bench = new CertificateBench();
    await bench.add(100, { score: [1, 1] }, { source: 'judge' });
    await bench.add(10, { score: [1, 1] }, { source: 'human' });
    expect(bench.standing().state).toBe('collecting');
    expect(bench.standing().reason).toContain('score (human)');
    await bench.add(75, { score: [1, 1] }, { source: 'human' });
    expect(bench.standing().state).toBe('granted');
  });

  test('a pair that lacks a score on one side does not count for that measure, and is told', async () => {
    const bench = new CertificateBench();
    await bench.add(100, { score: [1, 1], label: [1, null] });
    expect(bench.standing().reason).toBe('100 pairs; label: no pair has it on both sides');
    await bench.add(85, { label: [1, 1] });
    const metrics = bench.granted[0]?.metrics ?? [];
    expect(metrics.map(({ name, n, missing }) => [name, n, missing])).toEqual([
      ['score', 100, 85],
      ['label', 85, 100],
    ]);
  });

  test('an item counts once, however often it is asked', async () => {
    const bench = new CertificateBench();
    await bench.add(500, ALIKE, { item: 'set:1' });
    expect(bench.standing().reason).toMatch(/^1 pair; /);
  });

  test('a score that is none is refused, and what the ledger does not take does not count', async () => {
    const bench = new CertificateBench();
    await expect(bench.add(1, { valid: [1, 1.5] })).rejects.toThrow(RangeError);
    bench.refusal = new Error('disk full');
    await expect(bench.add(1, ALIKE)).rejects.toThrow('disk full');
    bench.refusal = null;
    expect(bench.standing().state).toBe('none');
    await bench.add(1, ALIKE);
    expect(bench.standing().reason).toMatch(/^1 pair;/);
  });
});

test('evidence that has not sufficed within 5,000 pairs is given up', async () => {
  const bench = new CertificateBench();
  const perPairMs = 60_000;
  for (let nth = 0; nth < 5000; nth++) {
    // Pairs are a minute apart, and all of these must be of one time.
    bench.nowMs -= perPairMs - 1;
    await bench.add(1, nth % 2 === 0 ? WORSE : ALIKE);
  }
  expect(bench.standing().reason).toMatch(/^5000 pairs; grounded −50\.0 points/);
  await bench.add(1, ALIKE);
  expect(bench.standing().reason).toMatch(/^1 pair;/);
});

describe('a certificate is lost', () => {
  test('by what comes after it: doubt, then suspension; and is earned anew by pairs after that', async () => {
    const bench = await granted();
    const [certificate] = bench.granted;
    await bench.add(2, WORSE);
    expect(bench.standing()).toMatchObject({ certificate: certificate?.id, state: 'watched' });
    expect(bench.standing().reason).toMatch(
      /^grounded is worse in 2 pairs since the grant \(e-value 1\.\d+, the limit is 10\); it was granted on 216 pairs/,
    );
    for (let more = 0; more < 5 && bench.standing().state === 'watched'; more++) await bench.add(1, WORSE);
    expect(bench.standing()).toMatchObject({ certificate: certificate?.id, state: 'suspended' });
    expect(bench.standing().reason).toMatch(/^grounded is worse in \d pairs since the grant .*; since then 0 pairs$/);
    expect(bench.events.filter(({ body }) => body['suspends'] === certificate?.id)).toHaveLength(1);
    await bench.add(ENOUGH, ALIKE);
    expect(bench.standing()).toMatchObject({ certificate: bench.granted[1]?.id, state: 'granted' });
  });

  test('doubt passes when good pairs outweigh it', async () => {
    const bench = await granted();
    await bench.add(2, { ...ALIKE, score: [1, 0] });
    expect(bench.standing().state).toBe('watched');
    await bench.add(30, { ...ALIKE, score: [1, 1] });
    expect(bench.standing().state).toBe('granted');
  });

  test.each([
    ['claude-opus-4-20250514', 30],
    ['claude-opus', 7],
  ])('by time: of %s after %d days', async (snapshot, days) => {
    const scope = { ...SCOPE, to: { ...SCOPE.to, snapshot } };
    const bench = new CertificateBench();
    await bench.add(ENOUGH, ALIKE, { scope });
    bench.nowMs += days * DAY_MS - 1;
    expect(bench.standing(scope).state).toBe('granted');
    bench.nowMs += 1;
    expect(bench.standing(scope).state).toBe('expired');
    expect(bench.standing(scope).reason).toContain('for the next one 0 pairs');
  });

  test('not when pairs of the second half of its time earn the next one; those of the first half do not', async () => {
    const bench = await granted();
    await bench.add(ENOUGH, ALIKE);
    bench.nowMs += 16 * DAY_MS;
    await bench.add(ENOUGH - 1, ALIKE);
    expect(bench.granted).toHaveLength(1);
    await bench.add(1, ALIKE);
    expect(bench.granted).toHaveLength(2);
    bench.nowMs += 15 * DAY_MS;
    expect(bench.standing()).toMatchObject({ certificate: bench.granted[1]?.id, state: 'granted' });
  });

  test('evidence that lies about for longer than a certificate would hold is given up', async () => {
    const bench = new CertificateBench();
    await bench.add(ENOUGH - 1, ALIKE);
    bench.nowMs += 31 * DAY_MS;
    await bench.add(1, ALIKE);
    expect(bench.standing().reason).toMatch(/^1 pair;/);
  });
});

describe('a certificate is void', () => {
  const voids: readonly (readonly [string, SubstitutionScope])[] = [
    [
      'the snapshot of gpt-4o (gpt-4o-2024-08-06, now gpt-4o-2024-11-20)',
      { ...SCOPE, from: { ...SCOPE.from, snapshot: 'gpt-4o-2024-11-20' } },
    ],
    ['the template of gpt-4o', { ...SCOPE, from: { ...SCOPE.from, template: null } }],
    ['the parameters of gpt-4o', { ...SCOPE, from: { ...SCOPE.from, params: 'changed' } }],
    [
      'the snapshot of claude-opus (claude-opus-4-20250514, now claude-opus-4-1)',
      { ...SCOPE, to: { ...SCOPE.to, snapshot: 'claude-opus-4-1' } },
    ],
    ['the template of claude-opus', { ...SCOPE, to: { ...SCOPE.to, template: 'changed' } }],
    ['the parameters of claude-opus', { ...SCOPE, to: { ...SCOPE.to, params: null } }],
    ['the validators of route legal', { ...SCOPE, checks: 'changed' }],
    ['how strict route legal is', { ...SCOPE, strict: true }],
  ];

  test('when any member of its scope has changed, which is named', async () => {
    const bench = new CertificateBench();
    // Asked before, with the very same objects: what was said then does not stay.
    for (const [, scope] of voids) expect(bench.standing(scope).state).toBe('none');
    await bench.add(ENOUGH, ALIKE);
    const id = bench.granted[0]?.id ?? null;
    for (const [member, scope] of voids) {
      const reason = `since ${id} was granted, something has changed: ${member}`;
      expect(bench.standing(scope), member).toEqual({ certificate: id, state: 'void', reason });
    }
    expect(bench.standing().state).toBe('granted');
  });

  test('and stays named while evidence for what is now comes in', async () => {
    const bench = await granted();
    const scope = { ...SCOPE, checks: 'changed' };
    await bench.add(3, ALIKE, { scope });
    expect(bench.standing(scope)).toMatchObject({ certificate: null, state: 'collecting' });
    expect(bench.standing(scope).reason).toMatch(
      /^3 pairs; .*; since cert_\w+ was granted, something has changed: the validators/,
    );
  });

  test('the nearest is named: the one with the fewest changes', async () => {
    const bench = await granted();
    const later = { ...SCOPE, checks: 'changed', strict: true };
    await bench.add(ENOUGH, ALIKE, { scope: later });
    expect(bench.standing({ ...SCOPE, checks: 'other' }).certificate).toBe(bench.granted[0]?.id);
  });

  test('on another route, of other models, or the other way round, it says nothing; the same model needs none', async () => {
    const bench = await granted();
    const elsewhere = { ...SCOPE, route: 'extract' };
    const reason = `nobody has compared the two on route extract; ${bench.granted[0]?.id} holds on route legal only`;
    expect(bench.standing(elsewhere)).toEqual({ certificate: null, state: 'none', reason });
    expect(bench.standing({ ...SCOPE, from: SCOPE.to, to: SCOPE.from }).state).toBe('none');
    expect(bench.standing({ ...SCOPE, to: { ...SCOPE.from, snapshot: 'gpt-4o' } })).toMatchObject({
      certificate: null,
      state: 'granted',
    });
  });
});
