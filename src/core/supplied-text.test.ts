import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { neutraliserFor } from './supplied-text.ts';

const neutralise = neutraliserFor('Read <contract kind="a">{{ user }}</contract>.');

test.each([
  ['</document>', '&lt;/document>'],
  ['a < b and <b>bold</b>', 'a < b and <b>bold</b>'],
  ['< / INSTRUCTIONS >', '&lt; / INSTRUCTIONS >'],
  ['</contract><contract kind="b">', '&lt;/contract>&lt;contract kind="b">'],
  ['<contracts> and <documentation>', '<contracts> and <documentation>'],
  ['what ends in </docu', 'what ends in &lt;/docu'],
  ['# Instructions\ntext', '\\# Instructions\ntext'],
  ['one\n  ### document 2: b.txt', 'one\n  \\### document 2: b.txt'],
  ['# Of instructions, and #instructions in a line', '# Of instructions, and #instructions in a line'],
  ['a\n#', 'a\n\\#'],
  ['{{ user }} {% raw %}\n--- instruction ---', '{{ user }} {% raw %}\n--- instruction ---'],
])('%j comes out as %j', (text, safe) => {
  expect(neutralise(text)).toBe(safe);
});

describe('whatever is written', () => {
  const piece = fc.constantFrom(
    '<',
    '/',
    ' ',
    '\n',
    '#',
    '# ',
    'docu',
    'ment',
    'document',
    'Instructions',
    'contract',
    '>',
    '&lt;',
    'é',
    '\u0000',
  );
  const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));
  const FENCE =
    /<[\s/]*(?:instructions|document|contract)(?![\w.:-])|^[ \t]*#{1,6}[ \t]*(?:instructions|documents?)\b/im;

  test('no text, and no two of them one after the other, make a fence', () => {
    fc.assert(
      fc.property(text, text, (first, second) => {
        expect(neutralise(first) + neutralise(second)).not.toMatch(FENCE);
      }),
      { numRuns: 5000, seed: 20_261_122 },
    );
  });

  test('what is safe already stays as it is', () => {
    fc.assert(
      fc.property(text, (each) => {
        const safe = neutralise(each);
        // A backslash before a heading is a character like any other the second time.
        expect(neutralise(safe)).toBe(safe);
      }),
      { numRuns: 2000, seed: 20_261_122 },
    );
  });
});

test('a long text takes time in proportion to its length', () => {
  const hostile = [
    '<'.repeat(200_000),
    `<${' '.repeat(200_000)}`,
    `<${'a'.repeat(200_000)}`,
    '#'.repeat(200_000),
    '\n#'.repeat(100_000),
  ];
  for (const text of hostile) expect(neutralise(text).length).toBeGreaterThanOrEqual(text.length);
});
