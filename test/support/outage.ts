import { expect } from 'vitest';

import { startTestGateway } from './gateway.ts';
import { ManualClock, simulatorClockOf } from './manual-clock.ts';
import { simulatedConfig } from './simulated-config.ts';
import { sendAtRate, type Arrived } from './traffic.ts';

const CONFIG = simulatedConfig([
  'pair: { try: [gpt-4o, claude-haiku], fallback: degraded, timeout: { first_byte: 1s } }',
  'alone: { try: [gpt-4o], timeout: { first_byte: 1s } }',
]);
const PER_SECOND = 20;

/** How an upstream can be out. */
export const OUTAGES = {
  'answers 503': { fault: 'outage', status: 503 },
  refuses: { fault: 'outage', status: 'refuse' },
  'is silent': { fault: 'slow', ms: 3_600_000 },
} as const;

/** What the clients got while the outage lasted and after it. */
export interface OutageOutcome {
  readonly during: readonly Arrived[];
  readonly after: readonly Arrived[];
}

/** Sends 20 requests a second to a route whose first model is out for so long, and for so long after it. */
export async function sendThroughOutage(
  outage: keyof typeof OUTAGES,
  route: 'pair' | 'alone',
  { seconds, afterSeconds }: { readonly seconds: number; readonly afterSeconds: number },
): Promise<OutageOutcome> {
  const clock = new ManualClock();
  const gateway = await startTestGateway({ config: CONFIG, clock, simulatorClock: simulatorClockOf(clock) });
  try {
    const body = { model: route, messages: [{ role: 'user', content: 'Hello' }] };
    await sendAtRate(gateway, clock, { perSecond: PER_SECOND, seconds: 2, body });
    gateway.simulator.control.addFault({ target: 'gpt-4o', ...OUTAGES[outage] });
    const during = await sendAtRate(gateway, clock, { perSecond: PER_SECOND, seconds, body });
    gateway.simulator.control.reset();
    const after = await sendAtRate(gateway, clock, { perSecond: PER_SECOND, seconds: afterSeconds, body });
    return { during: inOrder(during), after: inOrder(after) };
  } finally {
    await gateway.close();
  }
}

function inOrder(arrived: readonly Arrived[]): readonly Arrived[] {
  return arrived.toSorted((one, other) => one.sentAt - other.sentAt);
}

/** Attempts a request, at one deployment or at all. */
function attemptsOf(arrived: readonly Arrived[], deployment = ''): number {
  const attempts = arrived.flatMap(({ headers }) => headers.get('x-candor-attempts')?.split(', ') ?? []);
  return attempts.filter((attempt) => attempt.startsWith(deployment)).length;
}

/** Who stands in answers everybody, and the first model is asked so often at the most, until it is back within 30 s. */
export function expectStoodInFor({ during, after }: OutageOutcome, mostAsked: number): void {
  expect(during.every(({ status }) => status === 200)).toBe(true);
  expect(attemptsOf(during) / during.length).toBeLessThanOrEqual(1.2);
  expect(attemptsOf(during, 'openai/gpt-4o;')).toBeLessThanOrEqual(mostAsked);
  const told = during.filter(({ headers }) => headers.get('x-candor-fallback') === '?1;reason=circuit_open');
  expect(told.length).toBeGreaterThan(during.length * 0.8);
  expect(secondsUntilBack(after)).toBeLessThanOrEqual(30);
  expect(after.at(-1)?.headers.get('x-candor-fallback')).toBe('?0');
}

/** Nobody stands in: clients hear so at once and are not to ask again themselves, until it is back within 30 s. */
export function expectToldAtOnce({ during, after }: OutageOutcome): void {
  expect(attemptsOf(during) / during.length).toBeLessThanOrEqual(1.2);
  const refused = during.filter(({ status, body }) => status === 503 && body.includes('no_available_deployment'));
  expect(refused.length).toBeGreaterThan(during.length * 0.8);
  for (const { headers } of refused) {
    expect(headers.get('x-should-retry')).toBe('false');
    expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  }
  expect(secondsUntilBack(after)).toBeLessThanOrEqual(30);
}

/** Seconds after the outage until the first model answered again. */
function secondsUntilBack(after: readonly Arrived[]): number {
  const back = after.find(({ headers }) => headers.get('x-candor-served-by')?.startsWith('openai/gpt-4o') === true);
  return back?.sentAt ?? Number.POSITIVE_INFINITY;
}
