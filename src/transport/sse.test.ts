import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { isFailure, type Failure } from '../core/failure.ts';
import type { ServerSentEvent } from '../core/server-sent-event.ts';
import { SseDecoder } from './sse.ts';

interface Decoded {
  readonly events: readonly { readonly name: string | null; readonly data: string }[];
  readonly stray: string;
}

function decode(chunks: readonly Buffer[]): Decoded | Failure {
  const decoder = new SseDecoder();
  const events: { name: string | null; data: string }[] = [];
  for (const chunk of chunks) {
    const pushed = decoder.push(chunk);
    if (isFailure(pushed)) return pushed;
    events.push(...pushed.map(({ name, data }) => ({ name, data })));
  }
  const end = decoder.end();
  if (isFailure(end)) return end;
  events.push(...end.events.map(({ name, data }) => ({ name, data })));
  return { events, stray: end.stray };
}

const whole = (text: string): Decoded | Failure => decode([Buffer.from(text)]);
const datas = (text: string): readonly string[] => (whole(text) as Decoded).events.map((event) => event.data);

describe('an event stream (WHATWG HTML, 9.2)', () => {
  test.each<[string, string, readonly string[]]>([
    ['one event', 'data: a\n\n', ['a']],
    ['no space after the colon', 'data:a\n\n', ['a']],
    ['two spaces, of which one is data', 'data:  a\n\n', [' a']],
    ['data of several lines', 'data: a\ndata: b\n\n', ['a\nb']],
    ['an empty line of data', 'data\ndata:\n\n', ['\n']],
    ['CRLF', 'data: a\r\n\r\ndata: b\r\n\r\n', ['a', 'b']],
    ['CR', 'data: a\r\rdata: b\r\r', ['a', 'b']],
    ['mixed line ends', 'data: a\r\n\ndata: b\n\r\n', ['a', 'b']],
    ['comments', ': hello\n\ndata: a\n: in between\n\n: bye\n', ['a']],
    ['a comment that is only a colon', ':\n\ndata: a\n\n', ['a']],
    ['ids and retries', 'id: 1\nretry: 5\ndata: a\n\n', ['a']],
    ['an event without data', 'event: ping\n\ndata: a\n\n', ['a']],
    ['a byte-order mark', '\uFEFFdata: a\n\n', ['a']],
    ['a second byte-order mark, which is text', '\uFEFFdata: \uFEFFa\n\n', ['\uFEFFa']],
    ['no last blank line', 'data: a\n\ndata: b', ['a', 'b']],
    ['many blank lines', '\n\n\ndata: a\n\n\n\n', ['a']],
    ['a NUL, which is text', 'data: a\0b\n\n', ['a\0b']],
    ['ids and retries that say nothing, or a NUL', 'id\nretry: soon\nid: \0\ndata: a\n\n', ['a']],
    ['fields that only look like data', 'Data: a\ndata : b\n data: c\ndatas: d\ndata: e\n\n', ['e']],
    ['letters beyond ASCII', 'data: 秋🎉é\n\n', ['秋🎉é']],
    ['nothing', '', []],
  ])('%s', (_name, text, expected) => {
    expect(datas(text)).toEqual(expected);
  });

  test('names belong to one event', () => {
    expect((whole('event: first\ndata: a\n\ndata: b\n\n') as Decoded).events).toEqual([
      { name: 'first', data: 'a' },
      { name: null, data: 'b' },
    ]);
  });

  test('text that is no field is kept apart', () => {
    expect(whole('data: a\n\n{\n  "error": {\n    "code": 499\n  }\n}\n')).toEqual({
      events: [{ name: null, data: 'a' }],
      stray: expect.stringMatching(/^\{\s+"error": \{\s+"code": 499\s+\}\s+\}$/) as string,
    });
  });
});

describe('the bytes of an event', () => {
  const plain = (chunks: readonly string[]): readonly (string | null)[] => {
    const decoder = new SseDecoder();
    return chunks.flatMap((chunk) => {
      const events = decoder.push(Buffer.from(chunk));
      if (isFailure(events)) throw new Error(events.message);
      return events.map((event) => event.plain?.toString('utf8') ?? null);
    });
  };

  test('are given when they are in the plainest form', () => {
    expect(plain(['data: a\n\ndata: b\n\n'])).toEqual(['data: a\n\n', 'data: b\n\n']);
  });

  test.each([
    ['a name', 'event: x\ndata: a\n\n'],
    ['a comment', ': c\ndata: a\n\n'],
    ['two lines', 'data: a\ndata: b\n\n'],
    ['CRLF', 'data: a\r\n\r\n'],
    ['no space', 'data:a\n\n'],
    ['an id', 'data: a\nid: 1\n\n'],
  ])('are not given beside %s', (_name, text) => {
    expect(plain([text])).toEqual([null]);
  });

  test('equal the event whatever the chunks are', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(28), { maxLength: 5 }), (cuts) => {
        const text = 'data: {"a":1}\n\ndata: {"b":2}\n\n';
        const ends = [...cuts.toSorted((a, b) => a - b), text.length];
        const given = plain(ends.map((end, index) => text.slice(ends[index - 1] ?? 0, end)));
        expect(given).toHaveLength(2);
        for (const [index, bytes] of given.entries()) {
          if (bytes !== null) expect(bytes).toBe(text.slice(index * 15, (index + 1) * 15));
        }
      }),
      { numRuns: 200, seed: 1 },
    );
  });
});

test('a comment after the data takes the plain form from an event, also across chunks', () => {
  for (const chunks of [['data: a\n: c\n\n'], ['data: a\n', ': c\n\n'], ['data: a\n: c\n', '\n']]) {
    const decoder = new SseDecoder();
    const events = chunks.flatMap((chunk) => decoder.push(Buffer.from(chunk)) as readonly ServerSentEvent[]);
    expect(events).toEqual([{ name: null, data: 'a', plain: null }]);
  }
});

const line = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => `data: ${text.replaceAll(/[\r\n]/g, ' ')}`),
  fc.constantFrom(
    '',
    '',
    'data',
    'data:',
    ': comment',
    'event: name',
    'id: 4',
    'retry: 10',
    'stray text',
    '{"error":1}',
  ),
);
const stream = fc.record({
  mark: fc.boolean(),
  lines: fc.array(fc.tuple(line, fc.constantFrom('\n', '\r\n', '\r')), { maxLength: 14 }),
  cuts: fc.array(fc.nat(240), { maxLength: 8 }),
});

test('it decodes the same however it is cut', () => {
  fc.assert(
    fc.property(stream, ({ mark, lines, cuts }) => {
      const bytes = Buffer.from((mark ? '\uFEFF' : '') + lines.map(([text, end]) => text + end).join(''));
      const ends = [...cuts.toSorted((a, b) => a - b).map((cut) => Math.min(cut, bytes.length)), bytes.length];
      const chunks = ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
      const expected = decode([bytes]);
      expect(decode(chunks)).toEqual(expected);
      expect(decode(Array.from(bytes, (byte) => Buffer.from([byte])))).toEqual(expected);
    }),
    { numRuns: 400, seed: 20_261_122 },
  );
});

test('10,000 cuttings of a text in many scripts give it back byte for byte', () => {
  const text = ['größer', '秋风瑟瑟', '🎉👩‍👩‍👧‍👦', 'שלום', 'नमस्ते', '\u{10FFFF}é\u0301'].join(' ');
  const events = Array.from(text, (letter) => `data: ${JSON.stringify({ letter })}\n\n`).join('');
  const bytes = Buffer.from(events);
  const expected = decode([bytes]);
  expect((expected as Decoded).events.map(({ data }) => (JSON.parse(data) as { letter: string }).letter).join('')).toBe(
    text,
  );
  fc.assert(
    fc.property(fc.array(fc.nat(bytes.length), { minLength: 1, maxLength: 20 }), (cuts) => {
      const ends = [...cuts.toSorted((a, b) => a - b), bytes.length];
      expect(decode(ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end)))).toEqual(expected);
    }),
    { numRuns: 10_000, seed: 29 },
  );
});

test('the bytes of an event are the whole of it and nothing else, however it is cut', () => {
  fc.assert(
    fc.property(stream, ({ mark, lines, cuts }) => {
      const bytes = Buffer.from((mark ? '\uFEFF' : '') + lines.map(([text, end]) => text + end).join(''));
      const ends = [...cuts.toSorted((a, b) => a - b).map((cut) => Math.min(cut, bytes.length)), bytes.length];
      const decoder = new SseDecoder();
      const events = ends.flatMap((end, index) => {
        const pushed = decoder.push(bytes.subarray(ends[index - 1] ?? 0, end));
        return isFailure(pushed) ? [] : pushed;
      });
      const given = events.filter(({ plain }) => plain !== null);
      expect(given.map(({ plain }) => plain?.toString())).toEqual(given.map(({ data }) => `data: ${data}\n\n`));
      expect(given.every(({ name }) => name === null)).toBe(true);
    }),
    { numRuns: 400, seed: 11 },
  );
});

test('it decodes what an independent reading of the standard gives', () => {
  fc.assert(
    fc.property(stream, ({ mark, lines }) => {
      const text = (mark ? '\uFEFF' : '') + lines.map(([said, end]) => said + end).join('');
      expect((whole(text) as Decoded).events).toEqual(referenceEvents(text.replace(/^\uFEFF/, '')));
    }),
    { numRuns: 400, seed: 7 },
  );
});

/** The standard's algorithm over the whole text; an event without its blank line is delivered too. */
function referenceEvents(text: string): Decoded['events'] {
  const events: { name: string | null; data: string }[] = [];
  let name: string | null = null;
  let data: string[] = [];
  for (const entry of [...text.split(/\r\n|\r|\n/), '']) {
    const [, field, value] = /^([^:]*)(?:: ?(.*))?$/s.exec(entry) ?? [];
    if (entry === '') {
      if (data.length > 0) events.push({ name, data: data.join('\n') });
      name = null;
      data = [];
    } else if (field === 'data') data.push(value ?? '');
    else if (field === 'event') name = value ?? '';
  }
  return events;
}

describe('the work for a byte stays the same', () => {
  /** Milliseconds of the processor that decoding takes, the best of three. */
  function costMs(pieces: readonly Buffer[]): number {
    const costs = [1, 2, 3].map(() => {
      const decoder = new SseDecoder();
      const startedAt = performance.now();
      for (const piece of pieces) if (isFailure(decoder.push(piece))) throw new Error('refused');
      return performance.now() - startedAt;
    });
    return Math.min(...costs);
  }
  const cut = (bytes: Buffer, length: number): readonly Buffer[] =>
    Array.from({ length: Math.ceil(bytes.length / length) }, (_, index) =>
      bytes.subarray(index * length, (index + 1) * length),
    );

  test.each([
    ['LF', '\n'],
    ['CR', '\r'],
  ])('in one large chunk of short lines that end with %s', (_name, end) => {
    const line = `data: 0123456789${end}${end}`;
    const small = costMs(Array.from({ length: 64 }, () => Buffer.from(line.repeat(800))));
    const large = costMs([Buffer.from(line.repeat(64 * 800))]);
    expect(large).toBeLessThan(6 * small + 10);
  });

  test('in a long line that comes in small pieces', () => {
    const long = Buffer.concat([Buffer.from('data: '), Buffer.alloc(1_000_000, 'a'), Buffer.from('\n\n')]);
    expect(costMs(cut(long, 100))).toBeLessThan(150);
  });
});

describe('what an upstream must not send', () => {
  test('bytes that are not UTF-8', () => {
    expect(decode([Buffer.from('data: '), Buffer.from([0xc3, 0x28]), Buffer.from('\n\n')])).toMatchObject({
      kind: 'invalid_utf8',
    });
  });

  test('more text outside events than can be an error', () => {
    const ended = whole(`${'no field at all\n'.repeat(32)}\n`.repeat(1_000)) as Decoded;
    expect(ended.stray.length).toBeLessThanOrEqual(64 * 1024);
    expect(ended.stray.length).toBeGreaterThan(63 * 1024);
  });

  test('an event without end', () => {
    const decoder = new SseDecoder();
    const chunk = Buffer.alloc(256 * 1024, 'a');
    const results = Array.from({ length: 6 }, () => decoder.push(chunk));
    expect(results.find(isFailure)?.kind).toBe('frame_too_large');
  });

  test('an event without end of many short lines', () => {
    const decoder = new SseDecoder();
    const chunk = Buffer.from('data: a\n'.repeat(32 * 1024));
    const results = Array.from({ length: 6 }, () => decoder.push(chunk));
    expect(results.find(isFailure)?.kind).toBe('frame_too_large');
  });
});
