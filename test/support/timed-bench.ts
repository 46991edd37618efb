import { expect } from 'vitest';

import { ManualClock, turns } from './manual-clock.ts';
import { chunk, eventStream, type Script } from './raw-upstream.ts';
import { flawsOfBrokenStream, readStream } from './stream-reading.ts';
import { openUpstreamBench, type UpstreamBench } from './upstream-bench.ts';

const MESSAGES = [{ role: 'user', content: 'Hello' }];

/** How late the gateway may be: the tick of its watchdog. */
export const TICK_MS = 20;

/** One request under way. */
export interface Asked {
  readonly response: Promise<Response>;
  /** Lets time pass; fails when the answer has ended one tick before, or has not one tick after. */
  endsAfter(milliseconds: number): Promise<string>;
}

/** What is asked, and of whom. */
interface AskOptions {
  /** `true` when left out. */
  readonly stream?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  /** `openai` when left out. */
  readonly provider?: string;
}

/** A gateway whose time and whose upstreams are the test's own. */
export interface TimedBench extends UpstreamBench {
  readonly clock: ManualClock;
  /** Asks, and comes back when the upstream has the request, so that its time has begun to run. */
  ask(model: string, script: Script, options?: AskOptions): Promise<Asked>;
  /** Lets time pass in small steps, so that what the upstream sends meanwhile arrives. */
  pass(milliseconds: number): Promise<void>;
  /** Answers with the first pieces, then with the same one every so often, until it is closed. */
  beating(first: readonly string[], beat: string, everyMs: number): Script;
}

export async function openTimedBench(config: string): Promise<TimedBench> {
  const clock = new ManualClock();
  const bench = await openUpstreamBench({ config, clock });
  return {
    ...bench,
    clock,
    async ask(model, script, options = {}) {
      const upstream = bench.upstreams[options.provider ?? 'openai']!;
      upstream.play(script);
      const arrived = upstream.nextRequest();
      const body = { model, messages: MESSAGES, stream: options.stream ?? true };
      const response = bench.gateway.post('/v1/chat/completions', body, options.headers);
      await arrived;
      return { response, endsAfter: (milliseconds) => endsAfter(clock, response, milliseconds) };
    },
    async pass(milliseconds) {
      for (let passed = 0; passed < milliseconds; passed += 500) {
        await turns(20);
        clock.advance(500);
      }
    },
    beating: (first, beat, everyMs) => (socket, request) => {
      eventStream(first, 'open')(socket, request);
      const again = (): void => {
        if (socket.destroyed) return;
        socket.write(chunk(beat));
        clock.setTimer(everyMs, again);
      };
      clock.setTimer(everyMs, again);
    },
  };
}

/** The answer is this error, after so long, of which the last part has still to pass. */
export async function expectError(
  bench: TimedBench,
  asked: Asked,
  error: { readonly afterMs: number; readonly status: number; readonly code: string; readonly stillMs?: number },
): Promise<void> {
  const { afterMs, status, code, stillMs = afterMs } = error;
  const text = await asked.endsAfter(stillMs);
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

/** The stream breaks with this error when so long has passed. */
export async function expectBroken(asked: Asked, stillMs: number, code: string): Promise<void> {
  const text = await asked.endsAfter(stillMs);
  expect((await asked.response).status).toBe(200);
  expect(flawsOfBrokenStream(text)).toEqual([]);
  expect(readStream(text).error?.code).toBe(code);
}

async function endsAfter(clock: ManualClock, response: Promise<Response>, milliseconds: number): Promise<string> {
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
}
