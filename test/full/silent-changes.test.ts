import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { runSilenceCase, silenceCase } from '../support/silence-case.ts';
import { checkThroughGateway, gatewayRequests } from '../support/silence-gateway.ts';

const SEED = 20_261_123;
const REQUESTS = 5000;
const GATEWAY_REQUESTS = 600;

test(`nothing a client asks is changed in silence (${REQUESTS} requests over four protocols)`, () => {
  const sent = new Map<string, number>();
  fc.assert(
    fc.property(silenceCase, (sample) => {
      const result = runSilenceCase(sample);
      const name = `${sample.kind}/${sample.model}`;
      if (result.outcome === 'sent') sent.set(name, (sent.get(name) ?? 0) + 1);
      expect(result.problems).toEqual([]);
    }),
    { numRuns: REQUESTS, seed: SEED },
  );
  expect(sent.size).toBe(9);
  for (const [name, count] of sent) expect(count, name).toBeGreaterThan(50);
});

describe('the same through a real gateway', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway();
  });
  afterAll(() => gateway.close());

  test(`the upstream receives what was asked, or the record says why not (${GATEWAY_REQUESTS} requests)`, async () => {
    let sent = 0;
    for (const request of gatewayRequests(GATEWAY_REQUESTS, SEED)) {
      if (await checkThroughGateway(gateway, request)) sent++;
    }
    expect(sent).toBeGreaterThan(GATEWAY_REQUESTS / 4);
  });
});
