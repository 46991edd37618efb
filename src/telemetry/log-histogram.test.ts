import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { FAST_HALF_LIFE_MS } from './decay.ts';
import { LogHistogram, TTFT_RANGE_MS } from './log-histogram.ts';

function histogramOf(values: readonly number[], nowMs = 0): LogHistogram {
  const histogram = new LogHistogram(TTFT_RANGE_MS, FAST_HALF_LIFE_MS, 0);
  for (const value of values) histogram.record(value, nowMs);
  return histogram;
}

describe('a histogram', () => {
  test('gives quantiles within 3 % of the true ones, from 1 ms to 10 minutes', () => {
    const values = fc.array(fc.double({ min: 1, max: 600_000, noNaN: true }), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(values, fc.constantFrom(0.5, 0.95, 0.99), (made, share) => {
        const sorted = made.toSorted((a, b) => a - b);
        // The quantile of the counts added up in the order of the histogram's own sum, which rounding may shift.
        const rank = made.length * share;
        const allowed = [Math.ceil(rank - 1e-9), Math.ceil(rank + 1e-9)].map((at) => sorted[Math.max(0, at - 1)] ?? 0);
        const found = histogramOf(made).quantile(share, 0) ?? Number.NaN;
        expect(allowed.some((value) => Math.abs(found / value - 1) <= 0.031)).toBe(true);
      }),
      { numRuns: 200, seed: 20_261_123 },
    );
  });

  test('counts what lies beyond its range at its ends', () => {
    const histogram = histogramOf([0, 5_000_000]);
    expect(histogram.total(0)).toBe(2);
    expect(histogram.quantile(0.5, 0)).toBeLessThan(1.1);
    expect(histogram.quantile(1, 0)).toBeGreaterThan(580_000);
  });

  test('believes what is new: after a half-life one value counts as much as two before', () => {
    const histogram = histogramOf(Array.from({ length: 100 }, () => 300));
    for (let made = 0; made < 60; made++) histogram.record(8000, FAST_HALF_LIFE_MS);
    expect(histogram.total(FAST_HALF_LIFE_MS)).toBeCloseTo(110, 6);
    expect(histogram.quantile(0.5, FAST_HALF_LIFE_MS)).toBeGreaterThan(7700);
  });

  test('is empty a day later', () => {
    const histogram = histogramOf([300, 400, 500]);
    expect(histogram.quantile(0.5, 24 * 3_600_000)).toBeNull();
    expect(histogram.total(24 * 3_600_000)).toBe(0);
  });

  test('begins anew with its last values, and knows sixteen of them', () => {
    const values = Array.from({ length: 40 }, (_, index) => (index < 37 ? 300 : 8000));
    const histogram = histogramOf(values);
    histogram.restart(4, 1000);
    expect(histogram.total(1000)).toBe(4);
    expect(histogram.quantile(0.25, 1000)).toBeLessThan(320);
    expect(histogram.quantile(0.5, 1000)).toBeGreaterThan(7700);
    histogram.restart(100, 1000);
    expect(histogram.total(1000)).toBe(16);
  });

  test('is the same after it was written and read, and refuses counts of other buckets', () => {
    const histogram = histogramOf([200, 300, 400, 9000, 20_000]);
    const state = histogram.state(0);
    const read = LogHistogram.from(state, TTFT_RANGE_MS, FAST_HALF_LIFE_MS, 0);
    expect(read?.state(0)).toEqual(state);
    expect(read?.quantile(0.95, 0)).toBe(histogram.quantile(0.95, 0));
    for (const bucket of [-1, 1.5, 5000]) {
      expect(LogHistogram.from({ counts: [[bucket, 1]], recent: [] }, TTFT_RANGE_MS, 1000, 0)).toBeNull();
    }
  });
});
