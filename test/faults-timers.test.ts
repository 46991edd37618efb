import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

import type { Timer } from '../src/core/clock.ts';
import { ManualClock, turns } from './support/manual-clock.ts';
import { chunk, eventStream, LAST_CHUNK, type Script } from './support/raw-upstream.ts';
import { flawsOfBrokenStream, flawsOfCompleteStream, readStream } from './support/stream-reading.ts';
import { openUpstreamBench, type UpstreamBench } from './support/upstream-bench.ts';
import { openAiStream, textStreams } from './support/upstream-streams.ts';

const MESSAGES = [{ role: 'user', content: 'Hello' }];
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
function cancel(timer: Timer | null): void {
  timer?.cancel();
}

/** How late the gateway may be: the tick of its watchdog. */
const TICK_MS = 20;

describe('timers', () => {
  const clock = new ManualClock();
  let bench: UpstreamBench;
  beforeAll(async () => {
    bench = await openUpstreamBench({ config: CONFIG, clock });
  });
  afterAll(() => bench.close());

  const silent: Script = () => undefined;

  interface Asked {
    readonly response: Promise<Response>;
    /** Lets time pass; fails when the answer has ended one tick before, or has not one tick after. */
    endsAfter(milliseconds: number): Promise<string>;
  }

  /** Asks, and comes back when the upstream has the request, so that its time has begun to run. */
  async function ask(
    model: string,
    script: Script,
    options: {
      readonly stream?: boolean;
      readonly headers?: Readonly<Record<string, string>>;
      readonly provider?: string;
    } = {},
  ): Promise<Asked> {
    const upstream = bench.upstreams[options.provider ?? 'openai']!;
    upstream.play(script);
    const arrived = upstream.nextRequest();
    const response = bench.gateway.post(
      '/v1/chat/completions',
      { model, messages: MESSAGES, stream: options.stream ?? true },
      options.headers,
    );
    await arrived;
    return {
      response,
      async endsAfter(milliseconds) {
        let ended = false;
        const text = response
          .then((head) => head.text())
          .finally(() => {
            ended = true;
          });
        await turns(30);
        clock.advance(milliseconds - 2 * TICK_MS);
        await turns(30);
        expect(ended).toBe(false);
        clock.advance(4 * TICK_MS);
        return text;
      },
    };
  }

  async function expectError(asked: Asked, afterMs: number, status: number, code: string): Promise<void> {
    const text = await asked.endsAfter(afterMs);
    const response = await asked.response;
    expect(response.status).toBe(status);
    expect((JSON.parse(text) as { error: { code: string } }).error.code).toBe(code);
    expect(response.headers.get('x-should-retry')).toBe('false');
    const record = await bench.gateway.record(response.headers.get('x-request-id') ?? '');
    expect(record).toMatchObject({
      status: 'failed',
      http: status,
      error: { code },
      attempts: [{ possibly_billed: true }],
    });
    const { ms } = (record['attempts'] as { ms: number }[])[0]!;
    expect(Math.abs(ms - afterMs)).toBeLessThanOrEqual(2 * TICK_MS);
  }

  async function expectBroken(asked: Asked, afterMs: number, code: string): Promise<void> {
    const text = await asked.endsAfter(afterMs);
    expect((await asked.response).status).toBe(200);
    expect(flawsOfBrokenStream(text)).toEqual([]);
    expect(readStream(text).error?.code).toBe(code);
  }

  test('the first byte: 60 s of a stream, 600 s of a whole answer', async () => {
    for (const { provider, model } of textStreams([])) {
      await expectError(await ask(model, silent, { provider }), 60_000, 504, 'upstream_first_byte_timeout');
      // For a whole answer both are ten minutes; the total is what the client hears of.
      await expectError(await ask(model, silent, { provider, stream: false }), 600_000, 504, 'upstream_total_timeout');
    }
  });

  test('the first byte as the route says', async () => {
    await expectError(await ask('timed', silent), 4_000, 504, 'upstream_first_byte_timeout');
  });

  test('the first token, though comments keep the connection alive', async () => {
    let beats: Timer | null = null;
    const asked = await ask('timed', (socket, request) => {
      eventStream([], 'open')(socket, request);
      const beat = (): void => {
        if (socket.destroyed) return;
        socket.write(chunk(': keep-alive\n\n'));
        beats = clock.setTimer(1_000, beat);
      };
      beat();
    });
    await turns(30);
    for (let second = 0; second < 5; second++) {
      clock.advance(1_000);
      await turns(30);
    }
    await expectError(
      { response: asked.response, endsAfter: () => asked.endsAfter(1_000) },
      6_000,
      504,
      'upstream_first_token_timeout',
    );
    cancel(beats);
  });

  test('silence after the headers', async () => {
    const asked = await ask('timed', eventStream(STREAM.events.slice(0, STREAM.firstContent), 'open'));
    await expectError(asked, 3_000, 504, 'upstream_idle_timeout');
  });

  test('silence in the middle of the stream', async () => {
    const content = STREAM.events.slice(0, STREAM.firstContent + 1);
    await expectBroken(await ask('timed', eventStream(content, 'open')), 3_000, 'upstream_idle_timeout');
    await expectBroken(await ask('gpt-4o', eventStream(content, 'open')), 30_000, 'upstream_idle_timeout');
  });

  test('silence after the terminal signal takes nothing from the answer', async () => {
    const finished = STREAM.events.slice(0, STREAM.terminal + 1);
    const asked = await ask('timed', eventStream(finished, 'open'));
    const text = await asked.endsAfter(2_000);
    expect(flawsOfCompleteStream(text)).toEqual([]);
    expect(readStream(text).text).toBe('ein zwei drei ');
  });

  test('the whole of a route, which a slow drip cannot outrun', async () => {
    let beats: Timer | null = null;
    const asked = await ask('lasting', (socket, request) => {
      eventStream(STREAM.events.slice(0, STREAM.firstContent), 'open')(socket, request);
      const drip = (): void => {
        if (socket.destroyed) return;
        socket.write(chunk(STREAM.events[STREAM.firstContent] ?? ''));
        beats = clock.setTimer(500, drip);
      };
      drip();
    });
    await turns(30);
    for (let step = 0; step < 16; step++) {
      clock.advance(500);
      await turns(10);
    }
    await expectBroken(
      { response: asked.response, endsAfter: () => asked.endsAfter(1_000) },
      9_000,
      'upstream_total_timeout',
    );
    cancel(beats);
  });

  test('the time the client gives: 504 deadline_exceeded, before content and after it', async () => {
    const headers = { 'x-candor-timeout-ms': '1500' };
    await expectError(await ask('gpt-4o', silent, { headers }), 1_500, 504, 'deadline_exceeded');
    await expectError(await ask('gpt-4o', silent, { headers, stream: false }), 1_500, 504, 'deadline_exceeded');
    const content = eventStream(STREAM.events.slice(0, STREAM.firstContent + 1), 'open');
    await expectBroken(await ask('gpt-4o', content, { headers }), 1_500, 'deadline_exceeded');
  });

  test('the time the client gives cannot be longer than the route’s, and it runs over all attempts', async () => {
    const asked = await ask('pair', silent, { headers: { 'x-candor-timeout-ms': '900000' } });
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
    const asked = await ask('timed', eventStream(STREAM.events, 'clean'));
    const text = await (await asked.response).text();
    clock.advance(100_000);
    await turns(10);
    expect(flawsOfCompleteStream(text)).toEqual([]);
    const parts = await ask('timed', (socket, request) => {
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
