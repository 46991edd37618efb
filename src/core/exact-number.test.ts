import fc from 'fast-check';
import { expect, test } from 'vitest';

import { isExactNumber } from './exact-number.ts';

test.each([
  '0',
  '0.0',
  '0e5',
  '1',
  '-1',
  '1.50',
  '100000000000000000000',
  '1e20',
  '0.1',
  '1e-7',
  '0.30000000000000004',
  '0.10000000000000001',
])('%s keeps its value', (text) => {
  expect(isExactNumber(text)).toBe(true);
});

test.each([
  '1e400',
  '-1e400',
  '1e-400',
  '-0',
  '-0.0',
  '9007199254740993',
  '12345678901234567890',
  '1.2345678901234567890123',
  '123456.78901234567890123',
])('%s does not', (text) => {
  expect(isExactNumber(text)).toBe(false);
});

test('every number a program writes is exact', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      expect(isExactNumber(JSON.stringify(value))).toBe(true);
    }),
    { numRuns: 1000, seed: 1 },
  );
});

test('a whole number is exact only when a double has its very value', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }), (value) => {
      const text = value.toString();
      expect(isExactNumber(text) && BigInt(Number(text)) !== value).toBe(false);
      expect(isExactNumber(text) || JSON.stringify(Number(text)) !== text).toBe(true);
    }),
    { numRuns: 1000, seed: 2 },
  );
});

test('a number of a million digits is judged at once', () => {
  const startedAt = performance.now();
  expect(isExactNumber(`0.1${'0'.repeat(1_000_000)}1`)).toBe(false);
  expect(isExactNumber(`0.1${'0'.repeat(1_000_000)}`)).toBe(true);
  expect(performance.now() - startedAt).toBeLessThan(1000);
});
