import type { Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';

import type { JsonObject } from '../src/core/json.ts';
import type { AttemptRecord } from '../src/core/record.ts';
import { chunk, eventStream, LAST_CHUNK } from './support/raw-upstream.ts';
import { flawsOfCompleteStream, readStream } from './support/stream-reading.ts';
import { expectBroken, expectError, openTimedBench, TICK_MS, type TimedBench } from './support/timed-bench.ts';
import { anthropicStream, data, geminiStream, named, openAiChunk, openAiStream } from './support/upstream-streams.ts';

const OPENAI = openAiStream(['ein', 'zwei']);
const ANTHROPIC = anthropicStream(['ein', 'zwei']);
const CONFIG = `providers:
  openai: { sim: true }
  anthropic: { sim: true }
  google: { sim: true }
models:
  gpt-4o: { at: openai }
  claude-opus: { at: anthropic, id: claude-opus-4-8 }
  gemini-flash: { at: google, id: gemini-2.5-flash }
routes:
  openai-brief: { try: [gpt-4o], timeout: { first_byte: 4s, idle: 3s } }
  anthropic-brief: { try: [claude-opus], timeout: { idle: 3s } }
  google-brief: { try: [gemini-flash], timeout: { idle: 3s } }
  first-token: { try: [gpt-4o], timeout: { first_token: 6s, idle: 10s } }
  first-token-pair: { try: [gpt-4o, claude-opus], timeout: { first_token: 6s, idle: 10s } }
`;

let bench: TimedBench;
beforeAll(async () => {
  bench = await openTimedBench(CONFIG);
});
beforeEach(() => bench.gateway.closeCircuits());
afterAll(() => bench.close());

describe('what keeps a connection open is not the answer', () => {
  const keepAlives: readonly (readonly [string, typeof OPENAI, string])[] = [
    ['comments', OPENAI, ': keep-alive\n\n'],
    ['blank lines', OPENAI, '\n'],
    ['empty deltas', OPENAI, openAiChunk({ content: '' })],
    ['chunks with a role only', OPENAI, openAiChunk({ role: 'assistant' })],
    ['one byte after the other', OPENAI, 'd'],
    ['ping events', ANTHROPIC, named('ping', {})],
    ['events of the future', ANTHROPIC, named('content_block_pondered', { index: 0 })],
  ];

  test.each(keepAlives)('%s: before the first content', async (_name, stream, beat) => {
    const head = stream.events.slice(0, beat === 'd' ? 0 : 1);
    const options = { provider: stream.provider };
    const asked = await bench.ask(`${stream.provider}-brief`, bench.beating(head, beat, 1_000), options);
    await bench.pass(2_500);
    await expectError(bench, asked, { afterMs: 3_000, status: 504, code: 'upstream_idle_timeout', stillMs: 500 });
  });

  test.each(keepAlives)('%s: in the middle of the stream', async (_name, stream, beat) => {
    const head = stream.events.slice(0, stream.firstContent + 1);
    const options = { provider: stream.provider };
    const asked = await bench.ask(`${stream.provider}-brief`, bench.beating(head, beat, 1_000), options);
    await bench.pass(2_500);
    await expectBroken(asked, 500, 'upstream_idle_timeout');
  });

  test.each([': keep-alive\n\n', openAiChunk({ role: 'assistant', content: '' })])(
    'nor a first token',
    async (beat) => {
      const asked = await bench.ask('first-token', bench.beating([], beat, 1_000));
      await bench.pass(5_000);
      await expectError(bench, asked, {
        afterMs: 6_000,
        status: 504,
        code: 'upstream_first_token_timeout',
        stillMs: 1_000,
      });
    },
  );

  test.each([[], [': keep-alive\n\n'], OPENAI.events.slice(0, 1)])(
    'a first token that does not come after the headers is waited for elsewhere (%#)',
    async (...head) => {
      bench.upstreams['anthropic']!.play(eventStream(ANTHROPIC.events, 'clean'));
      const asked = await bench.ask('first-token-pair', eventStream(head, 'open'));
      const text = await asked.endsAfter(6_000);
      expect(flawsOfCompleteStream(text)).toEqual([]);
      expect(readStream(text).text).toBe('ein zwei ');
      const record = await bench.gateway.record((await asked.response).headers.get('x-request-id') ?? '');
      const attempts = record['attempts'] as readonly AttemptRecord[];
      expect(attempts.map(({ kind }) => kind)).toEqual(['first_token_timeout', 'ok']);
      expect(attempts[0]).toMatchObject({ status: 200, usage: null, timings_ms: { first_token: null, last: null } });
      expect(Math.abs((attempts[0]?.ms ?? 0) - 6_000)).toBeLessThanOrEqual(2 * TICK_MS);
    },
  );

  test('not even if it leaves no moment without bytes', async () => {
    const asked = await bench.ask('openai-brief', (socket, request) => {
      eventStream(OPENAI.events.slice(0, OPENAI.firstContent + 1), 'open')(socket, request);
      const pump = (): void => {
        if (socket.destroyed) return;
        socket.write(chunk(':\n'));
        setImmediate(pump);
      };
      pump();
    });
    await bench.pass(2_500);
    await expectBroken(asked, 500, 'upstream_idle_timeout');
  });

  test('blank lines before a whole answer hold it open, but not beyond the limit on its first byte', async () => {
    const blank = (socket: Socket): void => {
      if (socket.destroyed) return;
      socket.write(chunk('\n'));
      bench.clock.setTimer(1_000, () => blank(socket));
    };
    const script = (socket: Socket): void => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n');
      blank(socket);
    };
    const asked = await bench.ask('openai-brief', script, { stream: false });
    await bench.pass(3_500);
    await expectError(bench, asked, { afterMs: 4_000, status: 504, code: 'upstream_first_byte_timeout', stillMs: 500 });
  });
});

/** Answers with one event at once and each other one some time later, then ends. */
function slowly(events: readonly string[], everyMs: number): (socket: Socket) => void {
  return (socket) => {
    const send = (at: number): void => {
      const event = events[at];
      socket.write(event === undefined ? LAST_CHUNK : chunk(event));
      if (event !== undefined) bench.clock.setTimer(everyMs, () => send(at + 1));
    };
    socket.write('HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n');
    send(0);
  };
}

test('reasoning, pieces of a tool call, counts and the finish are the answer, however slowly they come', async () => {
  const call = (details: JsonObject): string => openAiChunk({ tool_calls: [{ index: 0, ...details }] });
  const events = [
    openAiChunk({ reasoning_content: 'Hm.' }),
    call({ id: 'call_1', type: 'function', function: { name: 'weather', arguments: '' } }),
    call({ function: { arguments: '{}' } }),
    data({ choices: [], usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 } }),
    openAiChunk({}, 'tool_calls'),
  ];
  const asked = await bench.ask('openai-brief', slowly(events, 1_900));
  await bench.pass(9_500);
  expect(flawsOfCompleteStream(await (await asked.response).text())).toEqual([]);
});

test('a vendor that says with every chunk how the answer ends is heard to its end', async () => {
  const { events } = geminiStream(['ein', 'zwei', 'drei', 'vier']);
  const finishing = events.map((event) =>
    event.replace(/"index":0(,"finishReason":"STOP")?/, '"index":0,"finishReason":"STOP"'),
  );
  const asked = await bench.ask('google-brief', slowly(finishing, 2_500), { provider: 'google' });
  await bench.pass(10_500);
  const text = await (await asked.response).text();
  expect(flawsOfCompleteStream(text)).toEqual([]);
  expect(text).toContain('vier');
});

describe('comments keep a client of a stream that flows', () => {
  function read(response: Response): { readonly text: () => string; readonly ended: Promise<void> } {
    let text = '';
    const ended = (async () => {
      for await (const piece of response.body!) text += Buffer.from(piece as Uint8Array).toString();
    })();
    return { text: () => text, ended };
  }
  const comments = (text: string): number => text.split(': keep-alive\n\n').length - 1;

  test('one after each ten seconds without a word, and none while words come', async () => {
    const asked = await bench.ask('gpt-4o', (socket, request) => {
      eventStream(OPENAI.events.slice(0, 2), 'open')(socket, request);
      bench.clock.setTimer(6_000, () => socket.write(chunk(OPENAI.events[2]!)));
      bench.clock.setTimer(28_000, () =>
        socket.write(Buffer.concat([...OPENAI.events.slice(3).map(chunk), LAST_CHUNK])),
      );
    });
    await bench.pass(1_000);
    const { text, ended } = read(await asked.response);
    await bench.pass(14_500);
    expect(comments(text())).toBe(0);
    await bench.pass(1_500);
    expect(comments(text())).toBe(1);
    await bench.pass(10_000);
    expect(comments(text())).toBe(2);
    await bench.pass(2_000);
    await ended;
    expect(flawsOfCompleteStream(text())).toEqual([]);
    await bench.pass(20_000);
    expect(comments(text())).toBe(2);
  });

  test('but not before the first word: another model may still answer', async () => {
    const asked = await bench.ask('gpt-4o', bench.beating(OPENAI.events.slice(0, 1), ': waiting\n\n', 1_000));
    const head = vi.fn<() => void>();
    const answered = asked.response.then(head);
    await bench.pass(29_000);
    expect(head).not.toHaveBeenCalled();
    await expectError(bench, asked, { afterMs: 30_000, status: 504, code: 'upstream_idle_timeout', stillMs: 1_000 });
    await answered;
  });
});
