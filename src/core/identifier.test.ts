import fc from 'fast-check';
import { expect, test } from 'vitest';

import { isGenerationId, newGenerationId } from './identifier.ts';

const time = fc.integer({ min: 0, max: 2 ** 48 });

test('ids sort by the time they were made', () => {
  fc.assert(
    fc.property(time, fc.integer({ min: 1, max: 1_000_000 }), (firstMs, laterMs) => {
      expect(newGenerationId(firstMs) < newGenerationId(firstMs + laterMs)).toBe(true);
    }),
    { numRuns: 500, seed: 1 },
  );
});

test('ids have the shape of an id, also for times with a fraction', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 2 ** 48 - 1, noNaN: true }), (wallTimeMs) => {
      expect(isGenerationId(newGenerationId(wallTimeMs))).toBe(true);
    }),
    { numRuns: 300, seed: 2 },
  );
});

test('ids of one moment differ, in every one of their random digits', () => {
  const ids = Array.from({ length: 2000 }, () => newGenerationId(1_793_000_000_000));
  expect(new Set(ids).size).toBe(ids.length);
  for (let place = 14; place < 30; place++) {
    expect(new Set(ids.map((id) => id[place])).size, `digit ${place}`).toBe(32);
  }
});

test.each([
  'gen_',
  'gen_01',
  'GEN_01JD00000000000000000000AB',
  'gen_01JD00000000000000000000AI',
  'gen_01JD00000000000000000000ABC',
  'x',
])('%s is no id', (text) => {
  expect(isGenerationId(text)).toBe(false);
});
