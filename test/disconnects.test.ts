import { beforeAll, describe, expect, test } from 'vitest';

import { letClientsGo, PHASES, type Departures } from './support/disconnects.ts';
import { expectDepartures, expectNothingLeft } from './support/expect-departures.ts';

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
