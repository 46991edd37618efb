import { describe, expect, test } from 'vitest';

import type { JsonValue } from '../core/json.ts';
import { fieldConfidence } from './field-confidence.ts';

interface Told {
  readonly other?: number;
  readonly bytes?: readonly number[];
}

function token(text: string, p: number | null, { other, bytes }: Told = {}): JsonValue {
  const logprob = p === null ? null : Math.log(p);
  const others = other === undefined ? [] : [{ token: 'else', logprob: Math.log(other), bytes: null }];
  return {
    token: text,
    logprob,
    bytes: bytes ?? null,
    top_logprobs: [{ token: text, logprob, bytes: null }, ...others],
  };
}

/** Each character a token, as likely as each other. */
function evenly(text: string, p: number): JsonValue[] {
  return Array.from(text, (character) => token(character, p));
}

describe('fieldConfidence', () => {
  const invoice = [
    token('{"', 0.1),
    token('number', 0.2),
    token('":"', 0.1),
    token('11', 0.9, { other: 0.05 }),
    token('8', 0.5),
    token('","', 0.1),
    token('total', 0.1),
    token('":', 0.1),
    token('240', 0.6, { other: 0.3 }),
    token('}', 0.1),
  ];

  test('a value is as likely as its tokens together, and structure counts nowhere', () => {
    const fields = fieldConfidence('{"number":"118","total":240}', invoice);
    expect([...fields.keys()]).toEqual(['/number', '/total']);
    expect(fields.get('/number')?.p).toBeCloseTo(0.45, 12);
    expect(fields.get('/number')?.margin).toBeCloseTo(0.85, 12);
    expect(fields.get('/total')?.p).toBeCloseTo(0.6, 12);
    expect(fields.get('/total')?.margin).toBeCloseTo(0.3, 12);
  });

  test('a token that holds structure and value belongs to the value', () => {
    const fields = fieldConfidence('{"a":"x"}', [token('{"a', 0.1), token('":"x', 0.7), token('"}', 0.1)]);
    expect(fields.get('/a')?.p).toBeCloseTo(0.7, 12);
  });

  test('finds the JSON within the text around it, by bytes', () => {
    const before = evenly('Ça: ```json\n', 0.3);
    // One character of four bytes in two tokens.
    const bytes = [...Buffer.from('🧾')];
    const tokens = [
      ...before,
      token('["', 1),
      token('\ufffd', 0.5, { bytes: bytes.slice(0, 2) }),
      token('\ufffd', 0.4, { bytes: bytes.slice(2) }),
      token('",', 1),
      token(' null', 0.25),
      token(']', 1),
      ...evenly('\n```', 0.3),
    ];
    const fields = fieldConfidence('["🧾", null]', tokens);
    expect(fields.get('/0')?.p).toBeCloseTo(0.2, 12);
    expect(fields.get('/1')?.p).toBeCloseTo(0.25, 12);
  });

  test('pointers escape what keys hold, and go to any depth', () => {
    const text = ' {"a/b": [ {"~": "\\"}, {" } , true ], "\\u0041": ""} ';
    const fields = fieldConfidence(text, evenly(text, 1));
    expect([...fields.keys()]).toEqual(['/a~1b/0/~0', '/a~1b/1', '/A']);
  });

  test('a likelier other token makes the margin negative; without any told it is unknown', () => {
    expect(fieldConfidence('7', [token('7', 0.2, { other: 0.5 })]).get('')?.margin).toBeCloseTo(-0.3, 12);
    expect(fieldConfidence('7', [token('7', 0.2)]).get('')).toEqual({
      p: expect.closeTo(0.2, 12) as number,
      margin: null,
    });
  });

  test('says nothing of a value with a missing likelihood', () => {
    const tokens = [token('[', 1), token('1', null), token(',', 1), token('2', 0.5), token(']', 1)];
    expect([...fieldConfidence('[1,2]', tokens).keys()]).toEqual(['/1']);
  });

  test.each([
    ['the tokens spell something else', '[1]', evenly('[2]', 0.5)],
    ['the text stands there twice', '1', evenly('1 1', 0.5)],
    ['it is no JSON', '[1', evenly('[1', 0.5)],
    ['an entry is no token', '[1]', ['[1]']],
  ] as const)('says nothing where %s', (_why, text, tokens) => {
    expect(fieldConfidence(text, tokens).size).toBe(0);
  });
});
