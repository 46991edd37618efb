import { describe, expect, test } from 'vitest';

import type { Forecast } from './calibrator.ts';
import { reliabilityOf } from './reliability.ts';
import { seededDraws } from './seeded-draws.ts';

function forecasts(n: number, truth: (p: number) => number, seed = 1): Forecast[] {
  const draw = seededDraws(seed);
  return Array.from({ length: n }, () => {
    const p = draw();
    return { p, accepted: draw() < truth(p) };
  });
}

describe('reliabilityOf', () => {
  test('of four forecasts, by hand', () => {
    const { bins, brier, auroc, coverageAtRisk, ece } = reliabilityOf([
      { p: 0.9, accepted: true },
      { p: 0.8, accepted: false },
      { p: 0.6, accepted: true },
      { p: 0.2, accepted: false },
    ]);
    expect(bins).toHaveLength(1);
    expect(bins[0]).toMatchObject({ p: 0.625, observed: 0.5, n: 4 });
    expect(brier.score).toBeCloseTo((0.01 + 0.64 + 0.16 + 0.04) / 4, 12);
    expect(brier.reliability).toBeCloseTo(0.125 ** 2, 12);
    expect(brier).toMatchObject({ resolution: 0, uncertainty: 0.25 });
    expect(auroc).toBe(0.75);
    expect(ece.raw).toBeCloseTo(0.125, 12);
    expect(coverageAtRisk.find(({ risk }) => risk === 0.05)).toEqual({ risk: 0.05, coverage: 0.25 });
  });

  test("Murphy's parts make up the score", () => {
    const { brier } = reliabilityOf(forecasts(1000, (p) => p * p));
    const { score, reliability, resolution, uncertainty, withinBins } = brier;
    expect(reliability - resolution + uncertainty + withinBins).toBeCloseTo(score, 12);
    expect(Math.abs(withinBins)).toBeLessThan(0.01);
    expect(resolution).toBeGreaterThan(0.05);
  });

  test('forecasts that are right have no error but by chance, and the bound holds the true one', () => {
    let covered = 0;
    let found = 0;
    let debiased = 0;
    let raw = 0;
    const rounds = 100;
    for (let seed = 1; seed <= rounds; seed++) {
      const { ece } = reliabilityOf(forecasts(300, (p) => (p < 0.5 ? p + 0.08 : p - 0.08), seed));
      if (ece.upper95 >= 0.08) covered++;
      found += ece.debiased / rounds;
      const right = reliabilityOf(forecasts(300, (p) => p, seed)).ece;
      debiased += right.debiased / rounds;
      raw += right.raw / rounds;
    }
    expect(covered).toBeGreaterThanOrEqual(0.88 * rounds);
    expect(Math.abs(found - 0.08)).toBeLessThan(0.015);
    expect(raw).toBeGreaterThan(0.04);
    expect(debiased).toBeLessThan(0.02);
  });

  test('says the same in whatever order', () => {
    const some = forecasts(200, (p) => p).map(({ p, accepted }) => ({ p: Math.round(p * 10) / 10, accepted }));
    expect(reliabilityOf(some.toReversed())).toEqual(reliabilityOf(some));
  });

  test('ties count half; where there is one kind only nothing is told apart', () => {
    expect(reliabilityOf(forecasts(50, (p) => p).map(({ accepted }) => ({ p: 0.5, accepted }))).auroc).toBe(0.5);
    expect(reliabilityOf([{ p: 0.5, accepted: true }]).auroc).toBeNull();
  });
});
