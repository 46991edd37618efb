import { afterEach, expect, test } from 'vitest';

import { startTestGateway, type TestGateway } from './support/gateway.ts';
import { ManualClock, simulatorClockOf, turns } from './support/manual-clock.ts';
import { simulatedConfig } from './support/simulated-config.ts';

const CONFIG = simulatedConfig([
  'quick: { try: [deepseek-chat, gemini-flash], slo: { ttft_p95: 2s }, timeout: { first_token: 30s }, fallback: degraded }',
]);
const BODY = { model: 'quick', stream: true, messages: [{ role: 'user', content: 'Write a long story of the sea.' }] };
const STREAMS = 6;
const STEP_MS = 10;
/** Longer than any of the answers takes. */
const LIMIT_MS = 120_000;

let gateway: TestGateway;
afterEach(() => gateway.close());

async function hasMissed(): Promise<boolean> {
  const response = await fetch(`${gateway.url}/admin/decisions`, {
    headers: { authorization: `Bearer ${gateway.adminToken}` },
  });
  const { data } = (await response.json()) as { data: readonly { what?: string }[] };
  return data.some(({ what }) => what === 'ttft_p95 missed');
}

test('that a model is slow is known when its first contents come, not when its answers have ended', async () => {
  const clock = new ManualClock();
  gateway = await startTestGateway({ config: CONFIG, clock, simulatorClock: simulatorClockOf(clock) });
  gateway.simulator.control.setClock('14:00', 'Asia/Shanghai');
  let begun = 0;
  let ended = 0;
  const answers = Array.from({ length: STREAMS }, async () => {
    const response = await gateway.post('/v1/chat/completions', BODY);
    begun += 1;
    await response.text();
    ended += 1;
  });
  for (let passedMs = 0; begun < STREAMS && passedMs < LIMIT_MS; passedMs += STEP_MS) {
    clock.advance(STEP_MS);
    await turns(6);
  }
  expect(await hasMissed()).toBe(true);
  expect(ended).toBe(0);
  await clock.passUntil(Promise.all(answers));
});
