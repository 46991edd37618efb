import { test } from 'vitest';

import { expectStoodInFor, expectToldAtOnce, sendThroughOutage } from './support/outage.ts';

/** The probe that finds it back comes 15 s after the outage began. */
const TIMES = { seconds: 10, afterSeconds: 8 };
/** The calls that open the circuit, and a probe after 5 and 10 s. */
const MOST_ASKED = 20;

test(
  'an upstream that is out is asked by probes alone while another one answers, and is back within 30 s',
  { timeout: 60_000 },
  async () => {
    expectStoodInFor(await sendThroughOutage('answers 503', 'pair', TIMES), MOST_ASKED);
  },
);

test('alone, its clients hear so at once', { timeout: 60_000 }, async () => {
  expectToldAtOnce(await sendThroughOutage('answers 503', 'alone', TIMES));
});
