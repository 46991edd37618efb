import { beforeAll, describe, expect, test } from 'vitest';

import { letClientsGo, PHASES, type Departures } from './support/disconnects.ts';
import { expectDepartures, expectNothingLeft } from './support/expect-departures.ts';
import { startInjectedGateway } from './support/injected-gateway.ts';
import { turns } from './support/manual-clock.ts';

/** The thousand are in test/full. */
const PER_PHASE = 10;

describe('clients that go, in whatever phase', () => {
  let departures: Departures;
  beforeAll(async () => {
    departures = await letClientsGo(PER_PHASE);
  }, 60_000);

  test.each(PHASES)('%s', (phase) => {
    expectDepartures(departures.all.filter((departure) => departure.phase === phase));
  });

  test('take their provider with them, and leave nothing behind', () => {
    expect(departures.all).toHaveLength(PHASES.length * PER_PHASE);
    // Of forty that are measured, beside other tests, the slowest say nothing.
    expectNothingLeft(departures, 0.9);
  });
});

test('nobody is asked for a client that left before its request was on record, and nothing may have been billed', async () => {
  const injected = await startInjectedGateway();
  try {
    const leaving = new AbortController();
    const { ledger } = injected;
    const begin = ledger.begin.bind(ledger);
    ledger.begin = async (intent) => {
      leaving.abort();
      await turns(100);
      return begin(intent);
    };
    const finished = new Promise<Parameters<typeof ledger.finish>[0]>((resolve) => {
      const finish = ledger.finish.bind(ledger);
      ledger.finish = (record, content) => {
        resolve(record);
        return finish(record, content);
      };
    });
    const body = JSON.stringify({ model: 'gpt-4o', messages: [{ role: 'user', content: 'Hello' }] });
    const headers = { 'content-type': 'application/json' };
    const asking = fetch(`${injected.url}/v1/chat/completions`, {
      method: 'POST',
      headers,
      body,
      signal: leaving.signal,
    });
    await expect(asking).rejects.toThrow('aborted');
    expect(await finished).toMatchObject({ status: 'cancelled', http: 499, attempts: [], cost: 0 });
    expect(injected.upstreams.openai.requests).toHaveLength(0);
  } finally {
    await injected.close();
  }
});
