import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

import { allFaultCases, faultMatrixConfig } from '../support/fault-cases.ts';
import { expectFaultCase, openFaultBench, type FaultBench } from '../support/fault-check.ts';

describe('every fault of the simulator, from each protocol, streamed and not, in each mode', () => {
  let bench: FaultBench;
  beforeAll(async () => {
    bench = await openFaultBench(faultMatrixConfig());
  });
  afterAll(() => bench.close());

  test.each(allFaultCases().map((row) => [row.name, row] as const))('%s', async (_name, row) => {
    await expectFaultCase(bench, row);
  });

  test('the failed calls leave no connection behind', async () => {
    await vi.waitFor(() => expect(bench.gateway.simulator.openSockets()).toBeLessThanOrEqual(4));
  });
});
