import { describe, expect, test } from 'vitest';

import type { ConfidenceLabel } from './label.ts';
import { ScopeLabels } from './scope-labels.ts';

const SCOPE = { route: 'legal', snapshot: 'gpt-4o-2024-08-06', template: null, model: 'gpt-4o' };
const NOW_MS = Date.UTC(2026, 10, 2);
const DAY_MS = 24 * 3_600_000;

function label(changes: Partial<ConfidenceLabel>): ConfidenceLabel {
  const base = { generation: 'gen_1', at: NOW_MS, accepted: true, source: 'person', field: null, signals: {} };
  return { ...SCOPE, ...base, ...changes };
}

function kept(...labels: readonly ConfidenceLabel[]): ScopeLabels {
  const scope = new ScopeLabels(SCOPE);
  for (const each of labels) scope.add(each);
  return scope;
}

describe('what was said of one answer', () => {
  const verdict = (...labels: readonly ConfidenceLabel[]) =>
    kept(...labels)
      .inForce(NOW_MS)
      .map(({ accepted }) => accepted);

  test('of the same source and field the latest counts, whichever came first', () => {
    const early = label({ accepted: false, at: NOW_MS - 1 });
    const late = label({ accepted: true });
    expect(verdict(early, late)).toEqual([true]);
    expect(verdict(late, early)).toEqual([true]);
  });

  test('at the same time the one against it counts, whichever came first', () => {
    const labels = [label({ accepted: true }), label({ accepted: false })];
    expect(verdict(...labels)).toEqual([false]);
    expect(verdict(...labels.toReversed())).toEqual([false]);
  });

  test('it is right when all sources and all fields say so', () => {
    expect(verdict(label({ field: '/total' }), label({ field: '/number', accepted: false }))).toEqual([false]);
    expect(verdict(label({}), label({ source: 'tests', accepted: false }))).toEqual([false]);
    expect(verdict(label({ field: '/total' }), label({ field: '/number' }), label({ source: 'tests' }))).toEqual([
      true,
    ]);
  });

  test('a score of half or more says right', () => {
    expect(verdict(label({ accepted: 0.5 }))).toEqual([true]);
    expect(verdict(label({ accepted: 0.49 }))).toEqual([false]);
  });

  test("a validator's label is left out, whatever it says and whatever was found, and counted", () => {
    const found = label({ source: 'validator:citations', accepted: false, signals: { validators_flagged: 1 } });
    const scope = kept(label({ source: 'validator:citations' }), found);
    expect(scope.inForce(NOW_MS)).toEqual([]);
    expect(scope.circular).toBe(2);
    expect(verdict(label({ source: 'people who know validator: names' }))).toEqual([true]);
  });
});

test('half of the answers count after 14 days, and always the same', () => {
  const scope = new ScopeLabels(SCOPE);
  for (let index = 0; index < 2000; index++) scope.add(label({ generation: `gen_${index}` }));
  const ids = (days: number) => scope.inForce(NOW_MS + days * DAY_MS).map(({ generation }) => generation);
  expect(ids(0)).toHaveLength(2000);
  expect(Math.abs(ids(14).length - 1000)).toBeLessThan(80);
  expect(Math.abs(ids(28).length - 500)).toBeLessThan(80);
  const later = new Set(ids(14));
  expect(ids(28).every((id) => later.has(id))).toBe(true);
});

test('the latest 5,000 answers are kept, whatever order they come in', () => {
  const labels = Array.from({ length: 6000 }, (_, index) =>
    label({ generation: `gen_${index}`, at: NOW_MS - 10 * index }),
  );
  const inForce = kept(...labels).inForce(NOW_MS);
  expect(inForce.length).toBeGreaterThan(4990);
  expect(kept(...labels.toReversed()).inForce(NOW_MS)).toEqual(inForce);
  expect(kept(...labels).size).toBeLessThanOrEqual(5500);
  expect(inForce.at(-1)).toMatchObject({ generation: 'gen_0' });
});
