import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { scanJson, type JsonScan } from './json-scan.ts';

const LIMITS = { maxDepth: 64, maxStructuralCharacters: 200_000 };
const scan = (text: string, limits = LIMITS): ReturnType<typeof scanJson> => scanJson(Buffer.from(text), limits);

/** The same value in JSON with white space where JSON allows it. */
function spaced(value: unknown, space: string): string {
  return JSON.stringify(value, null, 1).replaceAll('\n ', `\n${space}`);
}

const object = fc.dictionary(
  fc.string({ unit: 'grapheme', maxLength: 8 }).filter((key) => key !== '__proto__'),
  fc.jsonValue({ maxDepth: 4, noUnicodeString: false }),
  { noNullPrototype: true },
);

test('spans hold the values of the outermost members, byte for byte', () => {
  fc.assert(
    fc.property(object, fc.constantFrom('', ' ', '\t  '), (value, space) => {
      // Numbers that JSON cannot keep (-0) are not what is looked at here.
      const expected = JSON.parse(JSON.stringify(value)) as Record<string, unknown>;
      const bytes = Buffer.from(spaced(value, space));
      const found = scanJson(bytes, LIMITS);
      if (found.problem === 'forbidden_key') return;
      expect(found.problem).toBeNull();
      const { spans } = found as JsonScan;
      expect([...spans.keys()].toSorted()).toEqual(Object.keys(expected).toSorted());
      for (const [key, [start, end]] of spans) {
        expect(JSON.parse(bytes.toString('utf8', start, end))).toEqual(expected[key]);
      }
    }),
    { numRuns: 500, seed: 20_261_122 },
  );
});

describe('spans', () => {
  const spanOf = (text: string, key: string): string | undefined => {
    const found = scan(text);
    const span = found.problem === null ? found.spans.get(key) : undefined;
    return span === undefined ? undefined : Buffer.from(text).toString('utf8', ...span);
  };

  test.each([
    ['{"a":1}', 'a', '1'],
    ['{ "a" : -1.5e3 , "b" : "x" }', 'a', '-1.5e3'],
    ['{"a":"x\\"y","b":1}', 'a', '"x\\"y"'],
    ['{"a":"\\\\","b":2}', 'b', '2'],
    ['{"a":{"b":1},"b":2}', 'b', '2'],
    ['{"a":[1,{"a":3}],"c":true}', 'a', '[1,{"a":3}]'],
    ['{"\\u0061":1}', 'a', '1'],
    ['{"é":"秋","b":null}', 'b', 'null'],
    ['{"é":"秋","b":null}', 'é', '"秋"'],
    ['{"a":""}', 'a', '""'],
  ])('of %s', (text, key, expected) => {
    expect(spanOf(text, key)).toBe(expected);
  });
});

describe('problems', () => {
  test.each<[string, string, string | null]>([
    ['{"a":1,"a":2}', 'duplicate_key', 'a'],
    ['{"b":{"a":1,"a":2}}', 'duplicate_key', 'a'],
    ['[{"a":1,"b":2,"a":3}]', 'duplicate_key', 'a'],
    ['{"a":1,"\\u0061":2}', 'duplicate_key', 'a'],
    ['{"é":1,"\\u00e9":2}', 'duplicate_key', 'é'],
    ['{"x":{"__proto__":1}}', 'forbidden_key', '__proto__'],
    ['{"\\u005f_proto__":1}', 'forbidden_key', '__proto__'],
    ['{"a":"open', 'invalid_json', null],
    ['{"a":1e400}', 'number_out_of_range', null],
    ['{"a":[-1E+999]}', 'number_out_of_range', null],
    [`{"a":${'9'.repeat(400)}}`, 'number_out_of_range', null],
  ])('%s', (text, problem, key) => {
    expect(scan(text)).toMatchObject({ problem, key });
  });

  test.each([
    '{"a":{"a":1},"b":{"a":2}}',
    '{"a":"a","b":["a","a"]}',
    '{"a":"1e400","b":9e99,"c":1e-400}',
    '{"constructor":1,"prototype":2}',
    '{"a":"__proto__"}',
  ])('not %s', (text) => {
    expect(scan(text).problem).toBeNull();
  });

  test('duplicates are found wherever they are', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 6 }), (keys) => {
        const text = `{"x":[{${keys.map((key) => `"${key}":[]`).join(',')}}]}`;
        expect(scan(text).problem).toBe(new Set(keys).size === keys.length ? null : 'duplicate_key');
      }),
      { numRuns: 200, seed: 3 },
    );
  });

  test('depth is bounded, exactly', () => {
    const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
    expect(scan(nested(64)).problem).toBeNull();
    expect(scan(nested(65)).problem).toBe('json_too_deep');
    expect(scan(`${'{"a":'.repeat(65)}1${'}'.repeat(65)}`).problem).toBe('json_too_deep');
    expect(scan(`{"a":"${'['.repeat(100)}"}`).problem).toBeNull();
  });

  test('structure is bounded, exactly', () => {
    const limits = { maxDepth: 64, maxStructuralCharacters: 10 };
    expect(scan('[1,2,3,4,5,6,7,8,9]', limits).problem).toBeNull();
    expect(scan('[1,2,3,4,5,6,7,8,9,0]', limits).problem).toBe('json_too_complex');
    expect(scan(`["${','.repeat(100)}"]`, limits).problem).toBeNull();
  });
});
