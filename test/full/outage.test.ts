import { describe, test } from 'vitest';

import { expectStoodInFor, expectToldAtOnce, OUTAGES, sendThroughOutage } from '../support/outage.ts';

/** The upstream is asked again 20 s after its last probe at the latest. */
const TIMES = { seconds: 60, afterSeconds: 32 };
const NAMES = Object.keys(OUTAGES) as (keyof typeof OUTAGES)[];
/** The calls that open the circuit (a second of them where it is silent), and a probe after 5, 10, 20 and 20 s. */
const MOST_ASKED = { 'answers 503': 20, refuses: 20, 'is silent': 40 } as const;

describe.each(NAMES)('an upstream that %s for a minute', (outage) => {
  test('is asked by probes alone while another one answers, and is back within 30 s', async () => {
    expectStoodInFor(await sendThroughOutage(outage, 'pair', TIMES), MOST_ASKED[outage]);
  });

  test('alone: clients hear so at once, and it is asked no more often than they ask', async () => {
    expectToldAtOnce(await sendThroughOutage(outage, 'alone', TIMES));
  });
});
