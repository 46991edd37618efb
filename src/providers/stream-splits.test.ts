import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { decodeChunks, fixtureText } from '../../test/support/provider-fixtures.ts';
import { PROVIDERS } from './registry.ts';

const STREAMS = ['text', 'tool-call', 'schema', 'length', 'refusal', 'unknown-finish'] as const;
const CASES = [...PROVIDERS].flatMap(([kind, provider]) => STREAMS.map((name) => ({ kind, name, provider })));

/** The same events in other framings that the standard calls equal (WHATWG HTML, section 9.2). */
const FRAMINGS: readonly (readonly [name: string, reframe: (text: string) => string])[] = [
  ['line feeds', (text) => text.replace(/\r\n/g, '\n')],
  ['CRLF', (text) => text.replace(/\r?\n/g, '\r\n')],
  ['carriage returns', (text) => text.replace(/\r?\n/g, '\r')],
  ['a byte-order mark', (text) => `\uFEFF${text}`],
  ['comments', (text) => text.replace(/(?<=\n\r?\n)/g, ': keep-alive\n\n')],
  ['no space after the colon', (text) => text.replace(/^(data|event): /gm, '$1:')],
  ['ids and retries', (text) => text.replace(/^data:/gm, 'id: 7\nretry: 10\ndata:')],
  ['no last blank line', (text) => text.trimEnd()],
];

describe.each(CASES)('$kind: $name', ({ kind, name, provider }) => {
  const text = fixtureText(kind, `${name}.stream.sse`);
  const whole = decodeChunks(provider, [Buffer.from(text)]);

  test('decodes the same however its bytes are cut', () => {
    const bytes = Buffer.from(text);
    expect(
      decodeChunks(
        provider,
        Array.from(bytes, (byte) => Buffer.from([byte])),
      ),
    ).toEqual(whole);
    for (let at = 1; at < bytes.length; at += 7) {
      expect(decodeChunks(provider, [bytes.subarray(0, at), bytes.subarray(at)])).toEqual(whole);
    }
    const cuts = fc.array(fc.nat(bytes.length), { maxLength: 12 });
    fc.assert(
      fc.property(cuts, (unsorted) => {
        const ends = [...unsorted.toSorted((a, b) => a - b), bytes.length];
        const chunks = ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
        expect(decodeChunks(provider, chunks)).toEqual(whole);
      }),
      { numRuns: 20, seed: 20_261_101 },
    );
  });

  test.each(FRAMINGS)('decodes the same with %s', (_framing, reframe) => {
    const bytes = Buffer.from(reframe(text));
    expect(decodeChunks(provider, [bytes])).toEqual(whole);
    expect(
      decodeChunks(
        provider,
        Array.from(bytes, (byte) => Buffer.from([byte])),
      ),
    ).toEqual(whole);
  });
});
