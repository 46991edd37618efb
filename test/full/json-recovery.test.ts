import { expect, test } from 'vitest';

import { corruptionTable, printedTable } from '../support/corruption-table.ts';

test('of 5,000 corrupted objects each is read as what it was, or not at all', () => {
  const rows = corruptionTable(5_000, 1);
  process.stdout.write(`${printedTable(rows)}\n`);
  expect(rows.reduce((sum, row) => sum + row.cases, 0)).toBe(5_000);
  for (const { corruption, cases, recovered, wrong, refusals } of rows) {
    expect(wrong, corruption.name).toEqual([]);
    if (corruption.expected === 'refused') expect(refusals, corruption.name).toHaveLength(cases);
    else expect(recovered / cases, corruption.name).toBeGreaterThanOrEqual(corruption.share);
  }
});
