import { expect, test } from 'vitest';

import { startTestGateway } from '../support/gateway.ts';
import { mappedFields } from '../support/loss/field-lists.ts';
import { LOSS_DIALECTS } from '../support/loss/loss-case.ts';
import { checkAllThroughGateway } from '../support/loss/loss-gateway.ts';
import { searchForLosses } from '../support/loss/loss-search.ts';

const SEED = 20_261_123;
const REQUESTS = 20_000;
const LEAST_CASES = 20;
const GATEWAY_REQUESTS = 1000;

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

test.each(Object.entries(LOSS_DIALECTS))(
  `the upstream receives what a client of %s asks, or the record says why not (${GATEWAY_REQUESTS} requests)`,
  async (name, dialect) => {
    const gateway = await startTestGateway();
    try {
      const asked = { seed: SEED + 2, requests: GATEWAY_REQUESTS };
      expect(await checkAllThroughGateway(gateway, name, dialect, asked)).toBeGreaterThan(GATEWAY_REQUESTS / 2);
    } finally {
      await gateway.close();
    }
  },
);
