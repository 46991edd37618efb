import fc from 'fast-check';
import { expect, test } from 'vitest';

import { NormalText } from './normal-text.ts';

test('spaces, dashes, quotes, letters and emphasis have one spelling', () => {
  const written =
    'The\u00a0**Roe** v\u2009. _Wade_ case \u2013 \u201cca\u00adse\u201d, 410\u202fU.S. \uff11\uff11\uff13, &sect;&nbsp;5, snake_case, con-\ntract, \\[1\\], Mu\u0308ller';
  expect(new NormalText(written).text).toBe(
    'The Roe v . Wade case - "case", 410 U.S. 113, § 5, snake_case, contract, [1], Müller',
  );
});

test('digits that are notes stay what they are', () => {
  expect(new NormalText('410 U.S. 113\u00b2').text).toBe('410 U.S. 113\u00b2');
});

test('places lead back to the same words of the original', () => {
  const word = fc.stringMatching(/^[a-z]{1,6}$/);
  const variant = fc.constantFrom(
    ' ',
    '\u00a0',
    '\u2013',
    ' **',
    '** ',
    '\u200b ',
    ' \u2026 ',
    ' &amp; ',
    '-\n',
    '\u3010',
    '<i>',
    '\u0301',
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(word, variant), { minLength: 1, maxLength: 30 }), (pieces) => {
      const original = pieces.map(([each, between], index) => `${each}${index}${between}`).join('');
      const normal = new NormalText(original);
      for (const [index, [each]] of pieces.entries()) {
        const target = `${each}${index}`;
        const at = normal.text.indexOf(target);
        expect(at).toBeGreaterThanOrEqual(0);
        const { start, end } = normal.originalSpan(at, at + target.length);
        expect(original.slice(start, end)).toBe(target);
      }
    }),
  );
});

test('white space without end is a gap, behind which a line still begins', () => {
  const original = `one${' '.repeat(40)}two${'\n'.repeat(40)}three`;
  const normal = new NormalText(original);
  expect(normal.text).toBe('one two\n\nthree');
  const { start, end } = normal.originalSpan(normal.text.indexOf('three'), normal.text.length);
  expect(original.slice(start, end)).toBe('three');
  // What parts the columns of a table stays.
  const table = `one${' '.repeat(12)}two`;
  expect(new NormalText(table).text).toBe(table);
});
