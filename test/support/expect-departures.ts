import { expect } from 'vitest';

import type { Departure, Departures } from './disconnects.ts';

/** Within this the provider's connection is closed once the client has gone. */
const CLOSED_WITHIN_MS = 100;

const GONE = { status: 'cancelled', error: { code: 'client_closed' } };

/** Each has its record: the client went, what it cost is not known, and what had reached it is counted. */
export function expectDepartures(departures: readonly Departure[]): void {
  for (const { phase, record } of departures) {
    if (phase === 'body') {
      expect(record).toMatchObject({ ...GONE, http: 499, asked: null, attempts: [], cost: 0 });
      continue;
    }
    const isFlowing = phase === 'content' || phase === 'ending';
    const http = isFlowing ? 200 : 499;
    expect(record).toMatchObject({ ...GONE, http });
    expect(record?.attempts).toHaveLength(1);
    if (phase === 'back-off') {
      expect(record?.attempts).toMatchObject([{ kind: 'overloaded', status: 503, cost: 0, possibly_billed: false }]);
      continue;
    }
    expect(record).toMatchObject({ cost: null });
    const partial = { source: 'estimated', completion_tokens: expect.any(Number) as number };
    expect(record?.attempts).toMatchObject([
      { kind: 'client_closed', cost: null, possibly_billed: true, finish: null, usage: isFlowing ? partial : null },
    ]);
    if (isFlowing) expectPlausible(record?.usage?.prompt_tokens ?? 0, record?.usage?.completion_tokens ?? 0);
  }
}

/** Seven words were asked, and two to five given. */
function expectPlausible(promptTokens: number, completionTokens: number): void {
  expect(promptTokens).toBeGreaterThan(7);
  expect(promptTokens).toBeLessThan(30);
  expect(completionTokens).toBeGreaterThan(1);
  expect(completionTokens).toBeLessThan(15);
}

/** The provider was told at once, in this share of the cases, and nothing is left of any of them. */
export function expectNothingLeft({ all, strayRequests, leakedSockets }: Departures, share: number): void {
  expect({ strayRequests, leakedSockets }).toEqual({ strayRequests: 0, leakedSockets: 0 });
  const delays = all.flatMap(({ upstreamMs }) => upstreamMs ?? []).toSorted((a, b) => a - b);
  expect(delays.length).toBeGreaterThan(all.length / 2);
  expect(delays[Math.ceil(share * delays.length) - 1]).toBeLessThan(CLOSED_WITHIN_MS);
}
