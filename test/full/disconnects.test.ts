import { beforeAll, describe, expect, test } from 'vitest';

import { letClientsGo, PHASES, type Departures } from '../support/disconnects.ts';
import { expectDepartures, expectNothingLeft } from '../support/expect-departures.ts';

const PER_PHASE = 167;

describe('a thousand clients that go, over six phases', () => {
  let departures: Departures;
  beforeAll(async () => {
    departures = await letClientsGo(PER_PHASE);
  }, 300_000);

  test.each(PHASES)('%s', (phase) => {
    expectDepartures(departures.all.filter((departure) => departure.phase === phase));
  });

  test('take their provider with them, and leave nothing behind', () => {
    expect(departures.all.length).toBeGreaterThanOrEqual(1_000);
    expectNothingLeft(departures, 0.99);
  });
});
