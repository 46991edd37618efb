import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { canonicalJson, parseJson, type JsonValue } from './json.ts';

const json = fc
  .jsonValue({ maxDepth: 4, noUnicodeString: false })
  .filter((value) => JSON.stringify(value).isWellFormed());

describe('canonical JSON (RFC 8785)', () => {
  test.each<[JsonValue, string]>([
    [{ b: 1, a: 2 }, '{"a":2,"b":1}'],
    [
      { '\u20ac': 1, '\r': 2, '1': 3, '\u0080': 4, '\u{1f600}': 5, '\ufb33': 6 },
      '{"\\r":2,"1":3,"\u0080":4,"\u20ac":1,"\u{1f600}":5,"\ufb33":6}',
    ],
    [[56.0, 1e30, 4.5, 2e-3, 1e-27, 333333333.3333333], '[56,1e+30,4.5,0.002,1e-27,333333333.3333333]'],
    ['\u20ac$\u000f\nA\'B"\\"/', '"\u20ac$\\u000f\\nA\'B\\"\\\\\\"/"'],
    [-0, '0'],
    [[null, true, false, {}, []], '[null,true,false,{},[]]'],
    [{ a: undefined }, '{}'],
  ])('%j', (value, expected) => {
    expect(canonicalJson(value)).toBe(expected);
  });

  test('means the same, and does not depend on the order of members', () => {
    fc.assert(
      fc.property(json, (made) => {
        const value = JSON.parse(JSON.stringify(made)) as JsonValue;
        const text = canonicalJson(value);
        expect(parseJson(text)).toEqual(value);
        expect(canonicalJson(reversed(value))).toBe(text);
        expect(text).toBe(oracle(value));
      }),
      { numRuns: 300, seed: 20_261_122 },
    );
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, '\ud800', { '\udc00': 1 }, ['ok', '\ud83d']])(
    'refuses %j',
    (value) => {
      expect(() => canonicalJson(value as JsonValue)).toThrow(TypeError);
    },
  );
});

/** The same value with the members of every object in the opposite order. */
function reversed(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, member]) => [key, reversed(member as JsonValue)]),
  );
}

/** Canonical JSON by another way: members sorted by their UTF-16BE bytes, strings as JSON writes them. */
function oracle(value: JsonValue): string {
  if (Array.isArray(value)) return `[${(value as readonly JsonValue[]).map(oracle).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const bytes = (key: string): Buffer => Buffer.from(key, 'utf16le').swap16();
  const entries = Object.entries(value).toSorted(([a], [b]) => Buffer.compare(bytes(a), bytes(b)));
  return `{${entries.map(([key, member]) => `${JSON.stringify(key)}:${oracle(member as JsonValue)}`).join()}}`;
}

test('text that is not JSON parses to undefined', () => {
  expect(parseJson('{')).toBeUndefined();
  expect(parseJson('null')).toBeNull();
});

describe('a text nested so deep', () => {
  const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);

  test('that walking through it would fill the stack is no JSON', () => {
    expect(parseJson(nested(1001))).toBeUndefined();
    expect(parseJson(`{"a":${nested(1000)}}`)).toBeUndefined();
    expect(parseJson(`"\\"", ${nested(5000)}`)).toBeUndefined();
  });

  test('as anybody has reason to is read', () => {
    expect(JSON.stringify(parseJson(nested(1000)))).toBe(nested(1000));
  });

  test('only in its words is read', () => {
    const said = `${'['.repeat(5000)}"\\{`;
    expect(parseJson(JSON.stringify({ said, list: Array.from({ length: 2000 }, () => ({})) }))).toMatchObject({ said });
  });
});
