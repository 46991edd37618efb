import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';

import { eventStream, type BodyEnd } from './support/raw-upstream.ts';
import { askWithSdk, flawsOfBrokenStream, flawsOfCompleteStream, readStream } from './support/stream-reading.ts';
import { openUpstreamBench, type UpstreamBench } from './support/upstream-bench.ts';
import { anthropicToolStream, openAiToolStream, textStreams, type UpstreamStream } from './support/upstream-streams.ts';

const MESSAGES = [{ role: 'user', content: 'Hello' }];
const STREAMS = [...textStreams(['ein', 'zwei', 'drei']), openAiToolStream(), anthropicToolStream()];
const TOOLS = [{ type: 'function', function: { name: 'weather', parameters: { type: 'object' } } }];

/** One place where an upstream stops: after so many whole events, or in the middle of the next. */
interface Stop {
  readonly whole: number;
  readonly inEvent: boolean;
  readonly end: BodyEnd;
}

function stopsOf(stream: UpstreamStream): readonly Stop[] {
  return stream.events.flatMap((_, whole) =>
    [false, true].flatMap((inEvent) => (['clean', 'cut'] as const).map((end) => ({ whole, inEvent, end }))),
  );
}

function bytesUntil(stream: UpstreamStream, stop: Stop): string {
  const next = stream.events[stop.whole] ?? '';
  return stream.events.slice(0, stop.whole).join('') + (stop.inEvent ? next.slice(0, next.length / 2) : '');
}

describe('an upstream that stops early', () => {
  let bench: UpstreamBench;
  beforeAll(async () => {
    bench = await openUpstreamBench();
  });
  beforeEach(() => bench.gateway.closeCircuits());
  afterAll(() => bench.close());

  describe.each(STREAMS.map((stream) => [stream.name, stream] as const))('%s', (_name, stream) => {
    const ask = { model: stream.model, messages: MESSAGES, ...(stream.name.includes('tool') ? { tools: TOOLS } : {}) };
    const places = stopsOf(stream).map(
      (stop) => [`${stop.whole} events${stop.inEvent ? ' and a half' : ''}, ${stop.end}`, stop] as const,
    );

    test.each(places)('%s', async (_place, stop) => {
      const upstream = bench.upstreams[stream.provider]!;
      const before = upstream.requests.length;
      upstream.play(eventStream([bytesUntil(stream, stop)], stop.end));
      const outcome = await askWithSdk(bench.gateway.url, ask);
      const record = await bench.gateway.record(outcome.headers.get('x-request-id') ?? '');

      // Before content it may have been the connection's fault, not the model's: the last one there is is asked once more.
      const asked = stop.whole > stream.firstContent ? 1 : 2;
      expect(outcome.calls).toBe(1);
      expect(upstream.requests.length - before).toBe(asked);
      if (stop.whole > stream.terminal) {
        // The model had said that it was done: what is missing after that is told, and takes nothing from the answer.
        expect(flawsOfCompleteStream(outcome.bytes)).toEqual([]);
        expect(outcome.thrown).toBeNull();
        expect(record).toMatchObject({ status: 'complete', http: 200 });
        expect((record['attempts'] as { flags: string[] }[])[0]?.flags).not.toEqual([]);
        return;
      }
      expect(outcome.thrown).toMatchObject({ code: 'upstream_truncated' });
      if (stop.whole > stream.firstContent) {
        expect(outcome.status).toBe(200);
        expect(flawsOfBrokenStream(outcome.bytes)).toEqual([]);
        expect(record).toMatchObject({ status: 'failed', http: 200, error: { code: 'upstream_truncated' } });
      } else {
        expect(outcome.status).toBe(502);
        expect(outcome.headers.get('content-type')).toBe('application/json');
        expect(record).toMatchObject({ status: 'failed', http: 502, error: { code: 'upstream_truncated' } });
      }
      const attempts = ['primary', 'retry'].map((why) => ({
        why,
        kind: 'truncated',
        finish: null,
        possibly_billed: true,
      }));
      expect(record['attempts']).toMatchObject(attempts.slice(0, asked));
    });

    test('all of it is a complete answer, whatever the size of the pieces', async () => {
      const upstream = bench.upstreams[stream.provider]!;
      const whole = Buffer.from(stream.events.join(''));
      const texts = new Set<string>();
      for (const size of [1, 7, whole.length]) {
        const pieces: Buffer[] = [];
        for (let at = 0; at < whole.length; at += size) pieces.push(whole.subarray(at, at + size));
        upstream.play(eventStream(pieces, 'clean'));
        const outcome = await askWithSdk(bench.gateway.url, ask);
        expect(outcome.thrown).toBeNull();
        expect(flawsOfCompleteStream(outcome.bytes)).toEqual([]);
        expect(readStream(outcome.bytes).finishReasons).toEqual([stream.name.includes('tool') ? 'tool_calls' : 'stop']);
        texts.add(outcome.text);
      }
      expect(texts.size).toBe(1);
      if (!stream.name.includes('tool')) expect([...texts]).toEqual(['ein zwei drei ']);
    });
  });

  test('a reset after content is a truncation too', async () => {
    for (const stream of textStreams(['ein', 'zwei', 'drei'])) {
      bench.upstreams[stream.provider]!.play((socket, request) => {
        eventStream(stream.events.slice(0, stream.firstContent + 1), 'open')(socket, request);
        // Only once the gateway has passed the content on, so that the reset cannot overtake it.
        reset = () => socket.resetAndDestroy();
      });
      let reset = (): void => undefined;
      const response = await bench.gateway.post('/v1/chat/completions', {
        model: stream.model,
        messages: MESSAGES,
        stream: true,
      });
      reset();
      const bytes = await response.text();
      expect(flawsOfBrokenStream(bytes)).toEqual([]);
      expect(readStream(bytes).error?.code).toBe('upstream_truncated');
    }
  });

  test('no connection is left of the broken ones', async () => {
    await vi.waitFor(() => expect(bench.openSockets()).toBeLessThanOrEqual(4));
  });
});
