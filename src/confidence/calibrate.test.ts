import { describe, expect, test } from 'vitest';

import { calibrate } from './calibrate.ts';
import type { ScoredLabel } from './calibrator.ts';
import { fitIsotonic } from './isotonic.ts';
import { fitPlatt } from './platt.ts';
import { sigmoid } from './score.ts';
import { seededDraws } from './seeded-draws.ts';

function labels(n: number, chanceOfRight: (score: number) => number, seed = 1): ScoredLabel[] {
  const draw = seededDraws(seed);
  return Array.from({ length: n }, () => {
    const score = 6 * draw() - 3;
    return { score, accepted: draw() < chanceOfRight(score) };
  });
}

const rising = (score: number): number => sigmoid(0.5 + 1.5 * score);
const SCORES = [-3, -2, -1, 0, 1, 2, 3];

describe.each([
  ['Platt', fitPlatt],
  ['isotonic', fitIsotonic],
] as const)('%s', (_name, fit) => {
  test('comes near the truth, and its lower bound below it', () => {
    const calibrator = fit(labels(4000, rising));
    for (const score of [-2, -1, 0, 1, 2]) {
      const { value, lower95 } = calibrator.of(score);
      expect(Math.abs(value - rising(score))).toBeLessThan(0.1);
      expect(lower95).toBeLessThan(value);
    }
  });

  test('never falls as the score rises, also where the truth does', () => {
    const calibrator = fit(labels(400, (score) => sigmoid(-score)));
    const values = SCORES.map((score) => calibrator.of(score).value);
    expect(values).toEqual(values.toSorted((a, b) => a - b));
  });

  test('is never certain, where all labels of a score agree', () => {
    const calibrator = fit(labels(300, (score) => Number(score > 0)));
    for (const score of SCORES) {
      expect(calibrator.of(score).value).toBeGreaterThan(0);
      expect(calibrator.of(score).value).toBeLessThan(1);
    }
  });

  test('of labels with one score it is their share', () => {
    const even = labels(100, () => 0.5).map(({ accepted }) => ({ score: 2, accepted }));
    const share = even.filter(({ accepted }) => accepted).length / 100;
    expect(fit(even).of(2).value).toBeCloseTo(share, 1);
  });
});

test('a few labels above many draw isotonic values no lower', () => {
  const tied = (n: number, score: number, accepted: boolean): ScoredLabel[] => Array(n).fill({ score, accepted });
  const calibrator = fitIsotonic([...tied(20, 0, false), ...tied(290, 1, true), ...tied(3, 2, true)]);
  expect(calibrator.of(2).value).toBeGreaterThanOrEqual(calibrator.of(1).value);
});

describe('calibrate', () => {
  test('says nothing below 30 labels but the base rate', () => {
    const calibration = calibrate(labels(29, rising));
    expect(calibration).toMatchObject({ status: 'unknown', n: 29, reason: '29 labels, at least 30 are needed' });
    expect(calibration.of(0)).toBeNull();
    expect(calibration.baseRate?.lower95).toBeLessThan(calibration.baseRate?.value ?? 0);
    expect(calibrate([])).toMatchObject({ status: 'unknown', baseRate: null });
  });

  test('says nothing where hardly anything was wrong', () => {
    const oneSided = labels(300, () => 1).map((label, index) => ({ ...label, accepted: index % 100 !== 0 }));
    expect(calibrate(oneSided)).toMatchObject({
      status: 'unknown',
      reason: '3 of 300 labels say not accepted, at least 5 are needed',
    });
  });

  test('is calibrated where the later labels bear it out', () => {
    const calibration = calibrate(labels(2000, rising));
    expect(calibration).toMatchObject({ status: 'calibrated', method: 'isotonic', n: 2000 });
    expect(calibration.holdOut?.n).toBe(600);
    expect(Math.abs((calibration.of(0)?.value ?? 0) - rising(0))).toBeLessThan(0.1);
  });

  test('with fewer labels, or few wrong ones, by a curve', () => {
    expect(calibrate(labels(150, rising)).method).toBe('platt');
    expect(calibrate(labels(300, () => 0.96)).method).toBe('platt');
  });

  test('says nothing where the later labels are of another kind', () => {
    const changed = [...labels(1400, rising), ...labels(600, () => 0.3, 2)];
    const calibration = calibrate(changed);
    expect(calibration.status).toBe('uncalibrated');
    expect(calibration.of(0)).toBeNull();
    expect(calibration.reason).toMatch(
      /^on the latest 600 labels the calibration error may be 0\.\d{3}, at most 0\.08/,
    );
  });

  test('says nothing where the score tells nothing, though the base rate fits', () => {
    const calibration = calibrate(labels(2000, () => 0.7));
    expect(calibration).toMatchObject({
      status: 'uncalibrated',
      reason: 'on the latest 600 labels the score is not surely better than the base rate',
    });
  });

  test('a hold-out in which nothing went wrong is no proof: few labels do not pass', () => {
    const late = labels(30, () => 1).map((_, index) => ({ score: index < 6 ? -1 : 1, accepted: index >= 5 }));
    expect(calibrate(late).status).toBe('uncalibrated');
  });
});
