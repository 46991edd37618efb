import { afterEach, expect, test } from 'vitest';

import { startTestGateway, type TestGateway } from './support/gateway.ts';
import { ManualClock, simulatorClockOf } from './support/manual-clock.ts';
import { simulatedConfig } from './support/simulated-config.ts';
import { sendAtRate, type Arrived } from './support/traffic.ts';

const CONFIG = simulatedConfig([
  'quick: { try: [deepseek-chat, gemini-flash], slo: { ttft_p95: 2s }, fallback: degraded }',
]);
const BODY = { model: 'quick', stream: true, messages: [{ role: 'user', content: 'Name three rivers.' }] };

let gateway: TestGateway;
afterEach(() => gateway.close());

interface Objective {
  readonly name: string;
  readonly limit: number;
  readonly value: number;
  readonly n: number;
  readonly met: boolean;
}

function isServedBy(arrived: Arrived | undefined, deployment: string): boolean {
  return arrived?.headers.get('x-candor-served-by')?.startsWith(deployment) === true;
}

function askedFirst(arrived: Arrived, deployment: string): boolean {
  return arrived.headers.get('x-candor-attempts')?.startsWith(`${deployment};`) === true;
}

async function explained(): Promise<{ candidates: Record<string, unknown>[]; plan: { deployment: string }[] }> {
  const response = await gateway.post('/v1/candor/explain', BODY);
  return (await response.json()) as { candidates: Record<string, unknown>[]; plan: { deployment: string }[] };
}

async function decisions(): Promise<readonly Record<string, unknown>[]> {
  const response = await fetch(`${gateway.url}/admin/decisions`, {
    headers: { authorization: `Bearer ${gateway.adminToken}` },
  });
  return ((await response.json()) as { data: Record<string, unknown>[] }).data;
}

test('a route leaves a model in its peak window after ten slow answers at the most, says why, and comes back', async () => {
  const clock = new ManualClock();
  gateway = await startTestGateway({ config: CONFIG, clock, simulatorClock: simulatorClockOf(clock) });
  const healthy = await sendAtRate(gateway, clock, { perSecond: 10, seconds: 30, body: BODY });
  expect(healthy).toHaveLength(300);
  expect(healthy.every((each) => isServedBy(each, 'deepseek/deepseek-chat'))).toBe(true);

  gateway.simulator.control.setClock('14:00', 'Asia/Shanghai');
  // One after the other: each is answered before the next one is sent.
  const peak: Arrived[] = [];
  for (let sent = 0; sent < 24; sent++) {
    peak.push(...(await sendAtRate(gateway, clock, { perSecond: 1, seconds: 1, body: BODY })));
  }
  expect(peak.every(({ status }) => status === 200)).toBe(true);
  const slow = peak.filter((each) => askedFirst(each, 'deepseek/deepseek-chat'));
  const left = peak.findIndex((each) => !askedFirst(each, 'deepseek/deepseek-chat'));
  expect(left).toBeGreaterThan(0);
  expect(left).toBeLessThanOrEqual(10);
  // After that only trials go there.
  expect(slow.length - left).toBeLessThanOrEqual(10);
  const gone = peak[left];
  expect(gone?.headers.get('x-candor-fallback')).toBe('?1;reason=slo');
  expect(isServedBy(gone, 'google/gemini-flash')).toBe(true);

  const { candidates, plan } = await explained();
  const deepseek = candidates[0] as { objectives: Objective[] };
  expect(plan[0]?.deployment).toBe('google/gemini-flash');
  const [objective] = deepseek.objectives;
  expect(objective).toMatchObject({ name: 'ttft_p95', limit: 2000, met: false });
  expect(objective?.value).toBeGreaterThan(2000);
  // Four, which fade.
  expect(objective?.n).toBeGreaterThan(3.5);
  const missed = (await decisions()).find(({ what }) => what === 'ttft_p95 missed');
  expect(missed).toMatchObject({ kind: 'objective', deployment: 'deepseek/deepseek-chat', route: 'quick' });
  expect(missed?.['reason']).toMatch(/\d+ of .*\d+.* 2000 ms/);

  gateway.simulator.control.setClock('20:00', 'Asia/Shanghai');
  const after = await sendAtRate(gateway, clock, { perSecond: 10, seconds: 60, body: BODY });
  const back = after.slice(-50).filter((each) => isServedBy(each, 'deepseek/deepseek-chat'));
  expect(back).toHaveLength(50);
  expect((await decisions()).some(({ what }) => what === 'ttft_p95 met')).toBe(true);
}, 120_000);
