import { expect, test } from 'vitest';

import { attemptsOf, secondsUntilBack, sendThroughOutage } from './support/outage.ts';

const TIMES = { seconds: 10, afterSeconds: 16 };
const outage = 'answers 503';

test(
  'an upstream that is out is asked by probes alone while another one answers, and is back within 30 s',
  { timeout: 60_000 },
  async () => {
    const { during, after } = await sendThroughOutage(outage, 'pair', TIMES);
    expect(during.every(({ status }) => status === 200)).toBe(true);
    expect(attemptsOf(during) / during.length).toBeLessThanOrEqual(1.2);
    // Those that open the circuit (a second of them where it is silent), and a probe every 5, 10, 20, 20 s.
    expect(attemptsOf(during, 'openai/gpt-4o;')).toBeLessThanOrEqual(20);
    const told = during.filter(({ headers }) => headers.get('x-candor-fallback') === '?1;reason=circuit_open');
    expect(told.length).toBeGreaterThan(during.length * 0.8);
    expect(secondsUntilBack(after)).toBeLessThanOrEqual(30);
    expect(after.at(-1)?.headers.get('x-candor-fallback')).toBe('?0');
  },
);

test('alone, its clients hear so at once', { timeout: 60_000 }, async () => {
  const { during, after } = await sendThroughOutage(outage, 'alone', TIMES);
  expect(attemptsOf(during) / during.length).toBeLessThanOrEqual(1.2);
  const refused = during.filter(({ status, body }) => status === 503 && body.includes('no_available_deployment'));
  expect(refused.length).toBeGreaterThan(during.length * 0.8);
  for (const { headers } of refused) {
    expect(headers.get('x-should-retry')).toBe('false');
    expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  }
  expect(secondsUntilBack(after)).toBeLessThanOrEqual(30);
});
