import { expect, test } from 'vitest';

import { mappedFields } from '../support/loss/field-lists.ts';
import { LOSS_DIALECTS } from '../support/loss/loss-case.ts';
import { searchForLosses } from '../support/loss/loss-search.ts';

const SEED = 20_261_123;
const REQUESTS = 20_000;
const LEAST_CASES = 20;

test.each(Object.entries(LOSS_DIALECTS))(
  `nothing of a request in %s is lost in silence on its way to any vendor (${REQUESTS} requests)`,
  (name, dialect) => {
    const search = searchForLosses(dialect, mappedFields(name), { seed: SEED, requests: REQUESTS });
    expect(search.problems).toEqual([]);
    expect(search.sent).toBeGreaterThan(REQUESTS / 2);
    for (const [field, count] of search.fields) expect(count, field).toBeGreaterThanOrEqual(LEAST_CASES);
    for (const [row, count] of search.mapped) expect(count, row).toBeGreaterThanOrEqual(LEAST_CASES);
  },
  120_000,
);
