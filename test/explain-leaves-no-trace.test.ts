import { expect, test } from 'vitest';

import { startTestGateway, type TestGateway } from './support/gateway.ts';
import { ManualClock } from './support/manual-clock.ts';

const CONFIG = `providers:
  openai: { sim: true }
  anthropic: { sim: true }
models:
  gpt-4o: { at: openai }
  claude-opus: { at: anthropic, id: claude-opus-4-8 }
  both: { at: [{ provider: openai, id: gpt-4o-mini }, { provider: anthropic, id: claude-haiku-4-5 }] }
routes:
  strict: { try: [gpt-4o, claude-opus], slo: { ttft_p95: 2s, error_rate: 10% } }
  failing: { try: [gpt-4o, claude-opus], slo: { error_rate: 10% }, slo_policy: fail }
  fast: { try: [gpt-4o, both, claude-opus], pick: fastest }
  cheap: { try: [gpt-4o, claude-opus], pick: cheapest }
  drawn: { try: [gpt-4o, { model: claude-opus, weight: 3 }], pick: weighted }
rules:
  - { when: 'tags.team == "law"', route: strict }
  - { route: fast }
`;
const MESSAGES = [{ role: 'user', content: 'Name three rivers.' }];
const ASKED = ['strict', 'failing', 'fast', 'cheap', 'drawn', 'both', 'gpt-4o', 'auto'];
const ASSUMED = [
  '',
  'outage=openai',
  'outage=openai,outage=anthropic',
  // Neither of these hours is there on every day, and one is there twice.
  'clock=02:30@Europe/Berlin',
  'clock=02:30@America/New_York,price.gpt-4o.in=0,price.gpt-4o.out=0',
  'price.openai.in=999999,price.claude-opus.out=0.000001,outage=both',
];

/** What is so only of the process at that moment: memory, and the request that asks. */
const PASSING = /^candor_(?:resident_memory|held_bytes|open_requests|event_loop_delay)/;

/** Everything a gateway has learnt, as far as it tells. */
async function learnt(gateway: TestGateway): Promise<unknown> {
  const headers = { authorization: `Bearer ${gateway.adminToken}` };
  const read = async (path: string): Promise<string> => (await fetch(gateway.url + path, { headers })).text();
  const metrics = (await read('/metrics')).split('\n').filter((line) => !PASSING.test(line));
  const lists = ['/admin/telemetry', '/admin/decisions', '/v1/models', '/v1/generations?limit=100'];
  return { metrics, lists: (await Promise.all(lists.map(read))).map((text) => JSON.parse(text) as unknown) };
}

async function ask(gateway: TestGateway, clock: ManualClock, model: string, failing: boolean): Promise<string> {
  const headers: Record<string, string> = failing ? { 'x-candor-sim': 'openai=503' } : {};
  const sent = gateway.post('/v1/chat/completions', { model, messages: MESSAGES, stream: true }, headers);
  const response = await clock.passUntil(sent);
  await clock.passUntil(response.text());
  return response.headers.get('x-request-id') ?? '';
}

test('two hundred explanations change nothing: measurements, circuits, trials, records', async () => {
  const clock = new ManualClock();
  const gateway = await startTestGateway({ config: CONFIG, clock, draw: () => 0.5 });
  try {
    let id = '';
    for (let sent = 0; sent < 24; sent++) id = await ask(gateway, clock, ASKED[sent % 5] ?? '', sent % 3 !== 0);
    // The last of them is counted when its bytes have gone out.
    await expect.poll(async () => JSON.stringify(await learnt(gateway))).toContain(id);
    const before = await learnt(gateway);
    for (let asked = 0; asked < 200; asked++) {
      const assumed = ASSUMED[asked % ASSUMED.length] ?? '';
      const candor = { tokens: asked * 500, ...(assumed === '' ? {} : { if: assumed }) };
      const body = { model: ASKED[asked % ASKED.length], messages: MESSAGES, candor };
      const response = await gateway.post('/v1/candor/explain', asked % 10 === 9 ? { generation: id } : body);
      expect([response.status, ((await response.json()) as { object: string }).object]).toEqual([200, 'explanation']);
    }
    expect(await learnt(gateway)).toEqual(before);
  } finally {
    await gateway.close();
  }
});

test('nor do they use up the turn of a trial, or of the request that finds out about a circuit', async () => {
  const after = async (explanations: number): Promise<readonly string[]> => {
    const clock = new ManualClock();
    const gateway = await startTestGateway({ config: CONFIG, clock, draw: () => 0.5 });
    try {
      for (const model of ['strict', 'cheap']) {
        for (let sent = 0; sent < 12; sent++) await ask(gateway, clock, model, true);
      }
      const whys: string[] = [];
      for (let sent = 0; sent < 12; sent++) {
        clock.advance(60_000);
        for (let asked = 0; asked < explanations; asked++) {
          await gateway.post('/v1/candor/explain', { model: ASKED[asked % 4], messages: MESSAGES });
        }
        const record = await gateway.record(await ask(gateway, clock, sent % 6 === 5 ? 'cheap' : 'strict', false));
        whys.push(String(record['why']));
      }
      const log = await (
        await fetch(`${gateway.url}/admin/decisions`, { headers: { authorization: `Bearer ${gateway.adminToken}` } })
      ).json();
      const { data } = log as { data: readonly { what: string }[] };
      return [...whys, ...data.map(({ what }) => what)];
    } finally {
      await gateway.close();
    }
  };
  const unexplained = await after(0);
  expect(unexplained).toEqual(expect.arrayContaining([expect.stringMatching(/tried/), 'half_open']));
  expect(await after(8)).toEqual(unexplained);
});
