import { expect, test } from 'vitest';

import { faultMatrix, ROW_COUNT } from '../support/upstream-faults/cells.ts';
import { describeMatrix } from '../support/upstream-faults/describe-matrix.ts';

/** Rows, streamed or not, four protocols, three modes. */
const CASES = ROW_COUNT * 2 * 4 * 3;
const { cells, notApplicable } = faultMatrix();

test('every case of the table is played, or there is a reason why it cannot be', () => {
  expect(new Set(cells.map(({ row }) => row)).size).toBe(ROW_COUNT);
  expect(cells.length + notApplicable.length).toBe(CASES);
  const reasons = new Map<string, number>();
  for (const { row, reason } of notApplicable) {
    const sentence = `${row}: ${reason}`;
    reasons.set(sentence, (reasons.get(sentence) ?? 0) + 1);
  }
  expect(Object.fromEntries(reasons)).toEqual({
    '18: a whole body has no events': 12,
    '18: its last word is its terminal signal: without it the answer is cut (row 17)': 3,
    '18: it has no word after its terminal signal': 3,
    '19: a whole body has no events': 12,
    '19: its last word is its terminal signal: without it the answer is cut (row 17)': 3,
    '19: it has no word after its terminal signal': 3,
    '23: a whole body has no events': 12,
    '49: a whole body has no events': 12,
  });
});

describeMatrix(cells);
