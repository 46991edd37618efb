import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { bytesUnder, locateMembers, scanJson, type JsonScan } from './json-scan.ts';

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

describe('keys are read as UTF-8 in which escapes may stand', () => {
  const keysOf = (text: string): readonly string[] => [...locateMembers(Buffer.from(text)).keys()];

  test.each([
    ['{"é":1,"\\u00c3\\u00a9":2}', ['é', 'Ã©']],
    ['{"秋":1,"\\ud83d\\ude00":2,"😀!":3}', ['秋', '😀', '😀!']],
    ['{"é\\n":1,"\\u0065":2}', ['é\n', 'e']],
  ])('%s', (text, keys) => {
    expect(keysOf(text)).toEqual(keys);
    expect(Object.keys(JSON.parse(text) as object)).toEqual(keys);
  });
});

describe('numbers that would not outlive being read and written again', () => {
  const inexactIn = (text: string): readonly string[] => {
    const found = scan(text);
    return found.problem === null ? [...found.inexact] : [];
  };

  test.each<[string, readonly string[]]>([
    ['{"a":9223372036854775807,"b":1}', ['a']],
    ['{"a":{"b":[1,{"c":-9223372036854775808}]},"d":2}', ['a']],
    ['{"a":{"b":[1,{"c":-9223372036854775807}]},"d":9007199254740993}', ['a', 'd']],
    ['{"é":18446744073709551615}', ['é']],
    ['{"a":-0,"b":-1}', ['a']],
    ['{"a":1e-400,"b":9e99}', ['a']],
    ['{"a":"9223372036854775807","b":[0.1,1.5e300,123456789012345]}', []],
    ['[1,[9223372036854775807],2]', ['1']],
  ])('%s: %j', (text, members) => {
    expect(inexactIn(text)).toEqual(members);
  });
});

describe('places', () => {
  test('of the items of an array', () => {
    const bytes = Buffer.from('[ {"a":[1,2]} ,"é", [] , 4 ]');
    const items = [...locateMembers(bytes)].map(([index, span]) => [index, bytes.toString('utf8', ...span)]);
    expect(items).toEqual([
      ['0', '{"a":[1,2]}'],
      ['1', '"é"'],
      ['2', '[]'],
      ['3', '4'],
    ]);
    expect(locateMembers(Buffer.from('[ ]')).size).toBe(0);
  });

  test('of a value within values', () => {
    const bytes = Buffer.from('{"a": {"b": {"c": 1.0 }}}');
    expect(bytesUnder(bytes, ['a', 'b'])?.toString()).toBe('{"c": 1.0 }');
    expect(bytesUnder(bytes, ['a', 'b', 'c'])?.toString()).toBe('1.0');
    expect(bytesUnder(bytes, ['a', 'x', 'c'])).toBeNull();
  });
});

describe('problems', () => {
  test.each<[string, string, string | null]>([
    ['{"a":1,"a":2}', 'duplicate_key', 'a'],
    ['{"b":{"a":1,"a":2}}', 'duplicate_key', 'a'],
    ['[{"a":1,"b":2,"a":3}]', 'duplicate_key', 'a'],
    ['{"a":1,"\\u0061":2}', 'duplicate_key', 'a'],
    ['{"é":1,"\\u00e9":2}', 'duplicate_key', 'é'],
    ['{"é\\u0021":1,"\\u00e9!":2}', 'duplicate_key', 'é!'],
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
    '{"é":1,"\\u00c3\\u00a9":2}',
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
