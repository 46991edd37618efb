import type { Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';

import { chunk, eventStream, type Script } from './support/raw-upstream.ts';
import {
  askWithSdk,
  flawsOfBrokenStream,
  flawsOfCompleteStream,
  readStream,
  type SdkOutcome,
} from './support/stream-reading.ts';
import { openUpstreamBench, type UpstreamBench } from './support/upstream-bench.ts';
import {
  anthropicStream,
  data,
  deepSeekStream,
  DONE,
  geminiChunk,
  geminiStream,
  MESSAGE_START,
  MESSAGE_STOP,
  named,
  openAiChunk,
  openAiStream,
  textStreams,
  type UpstreamStream,
} from './support/upstream-streams.ts';

const MESSAGES = [{ role: 'user', content: 'Hello' }];
const WORDS = ['ein', 'zwei', 'drei'];
const WHOLE_TEXT = 'ein zwei drei ';

let bench: UpstreamBench;
beforeAll(async () => {
  bench = await openUpstreamBench();
});
beforeEach(() => bench.gateway.closeCircuits());
afterAll(() => bench.close());

async function play(stream: UpstreamStream, script: Script): Promise<SdkOutcome> {
  bench.upstreams[stream.provider]!.play(script);
  return askWithSdk(bench.gateway.url, { model: stream.model, messages: MESSAGES });
}

function recordOf(outcome: SdkOutcome): Promise<Record<string, unknown>> {
  return bench.gateway.record(outcome.headers.get('x-request-id') ?? '');
}

/** The answer broke after content: one unnamed error event ends it, and the SDK throws that error. */
async function expectBroken(outcome: SdkOutcome, code: string): Promise<void> {
  expect(outcome.status).toBe(200);
  expect(flawsOfBrokenStream(outcome.bytes)).toEqual([]);
  expect(outcome.thrown).toMatchObject({ code });
  expect(outcome.calls).toBe(1);
  expect(await recordOf(outcome)).toMatchObject({ status: 'failed', error: { code } });
}

/** The answer broke before content: a plain HTTP error. */
async function expectRefused(outcome: SdkOutcome, status: number, code: string): Promise<void> {
  expect(outcome.thrown).toMatchObject({ status, code });
  expect(outcome.calls).toBe(1);
  expect(await recordOf(outcome)).toMatchObject({ status: 'failed', http: status, error: { code } });
}

async function expectComplete(outcome: SdkOutcome, flags: readonly string[]): Promise<void> {
  expect(flawsOfCompleteStream(outcome.bytes)).toEqual([]);
  expect(outcome.thrown).toBeNull();
  const record = await recordOf(outcome);
  expect(record).toMatchObject({ status: 'complete', http: 200 });
  expect((record['attempts'] as { flags: string[] }[])[0]?.flags).toEqual(flags);
}

/** The events up to the first with content, and all of those before the terminal signal. */
function before(stream: UpstreamStream): readonly string[] {
  return stream.events.slice(0, stream.firstContent);
}
function content(stream: UpstreamStream): readonly string[] {
  return stream.events.slice(0, stream.firstContent + 1);
}

const OPENAI_LIKE = [openAiStream(WORDS), deepSeekStream(WORDS)].map((stream) => [stream.name, stream] as const);
const ALL = textStreams(WORDS).map((stream) => [stream.name, stream] as const);

describe('the terminal signal', () => {
  test.each(OPENAI_LIKE)('%s: [DONE] is none', async (_name, stream) => {
    await expectBroken(await play(stream, eventStream([...content(stream), DONE], 'clean')), 'upstream_truncated');
    const empty = await play(stream, eventStream([...before(stream), DONE], 'clean'));
    await expectRefused(empty, 502, 'upstream_truncated');
  });

  test.each(OPENAI_LIKE)('%s: without [DONE] it still counts, and the lack is flagged', async (_name, stream) => {
    const outcome = await play(stream, eventStream(stream.events.slice(0, -1), 'clean'));
    await expectComplete(outcome, ['missing_done']);
    expect(outcome.text).toBe(WHOLE_TEXT);
  });

  test.each(OPENAI_LIKE)('%s: what follows [DONE] is not part of the answer', async (_name, stream) => {
    const outcome = await play(stream, eventStream([...stream.events, ...stream.events], 'clean'));
    await expectComplete(outcome, ['data_after_done']);
    expect(outcome.text).toBe(WHOLE_TEXT);
  });

  const unknown: readonly (readonly [UpstreamStream, string, string])[] = [
    [openAiStream(WORDS), openAiChunk({}, 'lost_interest'), 'upstream_unknown_finish_reason'],
    [deepSeekStream(WORDS), openAiChunk({}, 'insufficient_system_resource'), 'upstream_interrupted'],
    [
      anthropicStream(WORDS),
      named('message_delta', { delta: { stop_reason: 'lost_interest' } }),
      'upstream_unknown_finish_reason',
    ],
    [geminiStream(WORDS), geminiChunk([{ text: '' }], 'OTHER_THINGS'), 'upstream_unknown_finish_reason'],
    [geminiStream(WORDS), geminiChunk([], 'MALFORMED_FUNCTION_CALL'), 'upstream_malformed_tool_call'],
  ];
  test.each(unknown.map(([stream, event, code]) => [stream.name, code, stream, event] as const))(
    '%s: a value that means failure or nothing known is %s',
    async (_name, code, stream, event) => {
      const after = stream.provider === 'anthropic' ? [event, MESSAGE_STOP] : [event, DONE];
      const outcome = await play(stream, eventStream([...content(stream), ...after], 'clean'));
      await expectBroken(outcome, code);
    },
  );
});

describe('two answers in one stream never become one', () => {
  const alien = ['yksi', 'kaksi'];
  const otherModel = (event: string): string =>
    event.replaceAll('gpt-4o-2024-08-06', 'gpt-3.5-turbo').replaceAll('gemini-2.5-flash', 'gemini-1.0-pro');
  const second: readonly (readonly [UpstreamStream, readonly string[]])[] = [
    [openAiStream(WORDS), openAiStream(alien).events],
    [openAiStream(WORDS), openAiStream(alien).events.slice(1, 3)],
    [deepSeekStream(WORDS), deepSeekStream(alien).events],
    [geminiStream(WORDS), geminiStream(alien).events],
    [anthropicStream(WORDS), anthropicStream(alien).events],
    [anthropicStream(WORDS), anthropicStream(alien).events.slice(3)],
  ];
  test.each([openAiStream(WORDS), geminiStream(WORDS)].map((stream) => [stream.name, stream] as const))(
    '%s: nor does one whose model changes on the way',
    async (_name, stream) => {
      const alienEvents = (stream.provider === 'openai' ? openAiStream(alien) : geminiStream(alien)).events;
      const outcome = await play(stream, eventStream([...content(stream), ...alienEvents.map(otherModel)], 'clean'));
      await expectBroken(outcome, 'upstream_protocol');
      expect(outcome.bytes).not.toMatch(/yksi|kaksi/);
    },
  );

  test.each(second.map(([stream, events], index) => [stream.name, index, stream, events] as const))(
    '%s (%i)',
    async (_name, _index, stream, events) => {
      const first = stream.events.filter((event) => event !== DONE);
      const outcome = await play(stream, eventStream([...first, ...events], 'clean'));
      await expectBroken(outcome, 'upstream_protocol');
      expect(outcome.text).toBe(WHOLE_TEXT);
      expect(outcome.bytes).not.toMatch(/yksi|kaksi/);
    },
  );
});

describe('an error the vendor writes into its stream', () => {
  const errors: readonly (readonly [UpstreamStream, string, number, string])[] = [
    [
      openAiStream(WORDS),
      data({ error: { message: 'It broke.', type: 'server_error', code: null } }),
      502,
      'upstream_error',
    ],
    [
      deepSeekStream(WORDS),
      data({ error: { message: 'Busy.', type: 'overloaded_error' } }),
      503,
      'upstream_overloaded',
    ],
    [
      openAiStream(WORDS),
      'event: error\ndata: {"message":"It broke.","type":"server_error"}\n\n',
      502,
      'upstream_error',
    ],
    [
      anthropicStream(WORDS),
      named('error', { error: { type: 'overloaded_error', message: 'Overloaded' } }),
      503,
      'upstream_overloaded',
    ],
    [
      geminiStream(WORDS),
      '{\n  "error": {\n    "code": 503,\n    "message": "Overloaded",\n    "status": "UNAVAILABLE"\n  }\n}\n',
      503,
      'upstream_overloaded',
    ],
    [
      geminiStream(WORDS),
      data({ error: { code: 500, message: 'Internal', status: 'INTERNAL' } }),
      502,
      'upstream_error',
    ],
  ];
  const rows = errors.map(([stream, event, status, code]) => [stream.name, code, stream, event, status] as const);

  test.each(rows)(
    '%s, %s: before content it is the HTTP error it means',
    async (_name, code, stream, event, status) => {
      await expectRefused(await play(stream, eventStream([...before(stream), event], 'clean')), status, code);
    },
  );

  test.each(rows)('%s, %s: after content it ends the stream', async (_name, code, stream, event) => {
    await expectBroken(await play(stream, eventStream([...content(stream), event], 'clean')), code);
  });

  test.each(rows)('%s, %s: it beats a finish that came before', async (_name, code, stream, event) => {
    const finished = stream.events.slice(0, stream.terminal + 1);
    await expectBroken(await play(stream, eventStream([...finished, event], 'clean')), code);
  });
});

describe('an event that is no JSON', () => {
  const broken = 'data: {"choices": [\n\n';

  test.each(ALL)('%s: before content the attempt has failed', async (_name, stream) => {
    const outcome = await play(stream, eventStream([...before(stream), broken, ...stream.events], 'clean'));
    await expectRefused(outcome, 502, 'upstream_invalid_event');
  });

  test.each(ALL)(
    '%s: after content it is left out and said so, if the answer is complete all the same',
    async (_name, stream) => {
      const events = stream.events.toSpliced(stream.firstContent + 1, 0, broken);
      const outcome = await play(stream, eventStream(events, 'clean'));
      await expectComplete(outcome, []);
      expect(outcome.text).toBe(WHOLE_TEXT);
      expect(readStream(outcome.bytes).candor).toMatchObject({ degraded: { reason: 'event_skipped' } });
      expect(await recordOf(outcome)).toMatchObject({ degraded: { reason: 'event_skipped' } });
    },
  );

  test.each(ALL)('%s: it is a truncation when it was the terminal signal', async (_name, stream) => {
    const events = stream.events.toSpliced(stream.terminal, 1, broken);
    await expectBroken(await play(stream, eventStream(events, 'clean')), 'upstream_truncated');
  });
});

describe('bytes that are no text', () => {
  const invalid = Buffer.concat([Buffer.from('data: {"a":"'), Buffer.from([0xc3, 0x28]), Buffer.from('"}\n\n')]);

  test.each(ALL)('%s: invalid UTF-8', async (_name, stream) => {
    await expectRefused(
      await play(stream, eventStream([...before(stream), invalid], 'clean')),
      502,
      'upstream_invalid_utf8',
    );
    await expectBroken(
      await play(stream, eventStream([...content(stream), invalid], 'clean')),
      'upstream_invalid_utf8',
    );
  });

  test.each(ALL)('%s: an event without end', async (_name, stream) => {
    const endless =
      (events: readonly string[]): Script =>
      (socket, request) => {
        eventStream([...events, 'data: '], 'open')(socket, request);
        const more = chunk('x'.repeat(32 * 1024));
        const pump = (): void => {
          while (!socket.destroyed && socket.write(more));
        };
        socket.on('drain', pump);
        pump();
      };
    await expectRefused(await play(stream, endless(before(stream))), 502, 'upstream_frame_too_large');
    await expectBroken(await play(stream, endless(content(stream))), 'upstream_frame_too_large');
  });

  test.each(ALL)('%s: a broken chunk in the HTTP framing', async (_name, stream) => {
    const bad =
      (events: readonly string[]): Script =>
      (socket, request) => {
        eventStream(events, 'open')(socket, request);
        socket.end('not-a-size\r\n');
      };
    await expectBroken(await play(stream, bad(content(stream))), 'upstream_protocol');
    await expectRefused(await play(stream, bad(before(stream))), 502, 'upstream_protocol');
  });
});

describe('framings that are all the same stream', () => {
  const framings: Readonly<Record<string, (text: string) => string>> = {
    LF: (text) => text,
    CRLF: (text) => text.replaceAll('\n', '\r\n'),
    CR: (text) => text.replaceAll('\n', '\r'),
    'a byte-order mark': (text) => `\uFEFF${text}`,
    'comments and ids in between': (text) => text.replaceAll('data:', ': hello\nid: 7\nretry: 10\ndata:'),
    'no space after the colon': (text) => text.replaceAll('data: ', 'data:'),
    'data over two lines': (text) => text.replaceAll('data: {', 'data: {\ndata: '),
  };
  test.each(Object.entries(framings))('%s, whole and byte by byte', async (_name, framed) => {
    for (const stream of textStreams(WORDS)) {
      const bytes = Buffer.from(framed(stream.events.join('').replaceAll('\r\n', '\n')));
      for (const size of [bytes.length, 1]) {
        const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
          bytes.subarray(at * size, (at + 1) * size),
        );
        const outcome = await play(stream, eventStream(pieces, 'clean'));
        await expectComplete(outcome, []);
        expect(outcome.text).toBe(WHOLE_TEXT);
      }
    }
  });

  test('a character cut between two chunks stays whole', async () => {
    const words = ['größer', '😀', '漢字'];
    for (const stream of textStreams(words)) {
      const bytes = Buffer.from(stream.events.join(''));
      const pieces = Array.from({ length: bytes.length }, (_, at) => bytes.subarray(at, at + 1));
      expect((await play(stream, eventStream(pieces, 'clean'))).text).toBe('größer 😀 漢字 ');
    }
  });
});

test.each(ALL)(
  '%s: whoever has failed and still sends is closed, not kept for the next request',
  async (_name, stream) => {
    for (const end of ['data: no JSON\n\n', eventOfUnknownEnd(stream)]) {
      const opened = new Promise<Socket>((resolve) => {
        bench.upstreams[stream.provider]!.play((socket, request) => {
          eventStream([...before(stream), end], 'open')(socket, request);
          resolve(socket);
        });
      });
      const outcome = await askWithSdk(bench.gateway.url, { model: stream.model, messages: MESSAGES });
      expect(outcome.thrown).toMatchObject({ status: 502 });
      const socket = await opened;
      await vi.waitFor(() => expect(socket.destroyed).toBe(true));
    }
  },
);

function eventOfUnknownEnd(stream: UpstreamStream): string {
  if (stream.provider === 'google') return geminiChunk([], 'OTHER_THINGS');
  if (stream.provider === 'anthropic') return named('message_delta', { delta: { stop_reason: 'lost_interest' } });
  return openAiChunk({}, 'lost_interest');
}

test('an answer without end is ended, and its upstream closed', async () => {
  const stream = openAiStream(WORDS);
  const piece = chunk(openAiChunk({ content: 'x'.repeat(256 * 1024) }));
  const outcome = await play(stream, (socket, request) => {
    eventStream(before(stream), 'open')(socket, request);
    const pump = (): void => {
      while (!socket.destroyed && socket.write(piece));
    };
    socket.on('drain', pump);
    pump();
  });
  await expectBroken(outcome, 'upstream_overrun');
});

test('an answer that never begins to say anything is no answer', async () => {
  await expectRefused(
    await play(anthropicStream([]), eventStream([MESSAGE_START], 'clean')),
    502,
    'upstream_truncated',
  );
});
