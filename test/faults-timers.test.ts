import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';

import { turns, type ManualClock } from './support/manual-clock.ts';
import { chunk, eventStream, LAST_CHUNK, type Script } from './support/raw-upstream.ts';
import { flawsOfCompleteStream, readStream } from './support/stream-reading.ts';
import { expectBroken, expectError, openTimedBench, TICK_MS, type TimedBench } from './support/timed-bench.ts';
import { openAiStream, textStreams } from './support/upstream-streams.ts';

const STREAM = openAiStream(['ein', 'zwei', 'drei']);
const CONFIG = `providers:
  openai: { sim: true }
  anthropic: { sim: true }
  google: { sim: true }
  deepseek: { sim: true }
models:
  gpt-4o: { at: openai }
  claude-opus: { at: anthropic, id: claude-opus-4-8 }
  gemini-flash: { at: google, id: gemini-2.5-flash }
  deepseek-chat: { at: deepseek }
routes:
  timed: { try: [gpt-4o], timeout: { first_byte: 4s, first_token: 6s, idle: 3s, total: 20s } }
  lasting: { try: [gpt-4o], timeout: { first_byte: 60s, idle: 60s, total: 9s } }
  pair: { try: [gpt-4o, claude-opus], timeout: { first_token: 6s, total: 10s } }
`;

describe('timers', () => {
  let bench: TimedBench;
  let clock: ManualClock;
  beforeAll(async () => {
    bench = await openTimedBench(CONFIG);
    clock = bench.clock;
  });
  beforeEach(() => bench.gateway.closeCircuits());
  afterAll(() => bench.close());

  const silent: Script = () => undefined;

  test('the first byte: 60 s of a stream, 600 s of a whole answer', async () => {
    for (const { provider, model } of textStreams([])) {
      await expectError(bench, await bench.ask(model, silent, { provider }), {
        afterMs: 60_000,
        status: 504,
        code: 'upstream_first_byte_timeout',
      });
      // For a whole answer both are ten minutes; the total is what the client hears of.
      await expectError(bench, await bench.ask(model, silent, { provider, stream: false }), {
        afterMs: 600_000,
        status: 504,
        code: 'upstream_total_timeout',
      });
    }
  });

  test('the first byte as the route says', async () => {
    await expectError(bench, await bench.ask('timed', silent), {
      afterMs: 4_000,
      status: 504,
      code: 'upstream_first_byte_timeout',
    });
  });

  test('silence after the headers', async () => {
    const asked = await bench.ask('timed', eventStream(STREAM.events.slice(0, STREAM.firstContent), 'open'));
    await expectError(bench, asked, { afterMs: 3_000, status: 504, code: 'upstream_idle_timeout' });
  });

  test('silence in the middle of the stream', async () => {
    const content = STREAM.events.slice(0, STREAM.firstContent + 1);
    await expectBroken(await bench.ask('timed', eventStream(content, 'open')), 3_000, 'upstream_idle_timeout');
    await expectBroken(await bench.ask('gpt-4o', eventStream(content, 'open')), 30_000, 'upstream_idle_timeout');
  });

  test('silence after the terminal signal takes nothing from the answer', async () => {
    const finished = STREAM.events.slice(0, STREAM.terminal + 1);
    const asked = await bench.ask('timed', eventStream(finished, 'open'));
    const text = await asked.endsAfter(2_000);
    expect(flawsOfCompleteStream(text)).toEqual([]);
    expect(readStream(text).text).toBe('ein zwei drei ');
  });

  test('the whole of a route, which slow content cannot outrun', async () => {
    const content = STREAM.events[STREAM.firstContent] as string;
    const asked = await bench.ask('lasting', bench.beating(STREAM.events.slice(0, STREAM.firstContent), content, 500));
    await bench.pass(8_000);
    await expectBroken(asked, 1_000, 'upstream_total_timeout');
  });

  test('the time the client gives: 504 deadline_exceeded, before content and after it', async () => {
    const headers = { 'x-candor-timeout-ms': '1500' };
    await expectError(bench, await bench.ask('gpt-4o', silent, { headers }), {
      afterMs: 1_500,
      status: 504,
      code: 'deadline_exceeded',
    });
    await expectError(bench, await bench.ask('gpt-4o', silent, { headers, stream: false }), {
      afterMs: 1_500,
      status: 504,
      code: 'deadline_exceeded',
    });
    const content = eventStream(STREAM.events.slice(0, STREAM.firstContent + 1), 'open');
    await expectBroken(await bench.ask('gpt-4o', content, { headers }), 1_500, 'deadline_exceeded');
  });

  test('the time the client gives cannot be longer than the route’s, and it runs over all attempts', async () => {
    const asked = await bench.ask('pair', silent, { headers: { 'x-candor-timeout-ms': '900000' } });
    const second = bench.upstreams['anthropic']!;
    second.play(silent);
    const fallback = second.nextRequest();
    clock.advance(6_000 + TICK_MS);
    await fallback;
    const text = await asked.endsAfter(4_000 - TICK_MS);
    expect((await asked.response).status).toBe(504);
    expect(JSON.parse(text)).toMatchObject({
      error: { code: 'deadline_exceeded', candor: { attempts: [{ kind: 'first_token_timeout' }, {}] } },
    });
  });

  test('an answer in time is not disturbed by any of them', async () => {
    const asked = await bench.ask('timed', eventStream(STREAM.events, 'clean'));
    const text = await (await asked.response).text();
    clock.advance(100_000);
    await turns(10);
    expect(flawsOfCompleteStream(text)).toEqual([]);
    const parts = await bench.ask('timed', (socket, request) => {
      eventStream(STREAM.events.slice(0, 2), 'open')(socket, request);
      clock.setTimer(2_900, () => socket.write(Buffer.concat([...STREAM.events.slice(2).map(chunk), LAST_CHUNK])));
    });
    await turns(30);
    clock.advance(2_920);
    expect(flawsOfCompleteStream(await (await parts.response).text())).toEqual([]);
  });

  test('whoever ran out of time is closed', async () => {
    await vi.waitFor(() => expect(bench.openSockets()).toBeLessThanOrEqual(4));
  });
});
