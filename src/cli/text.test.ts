import { expect, it } from 'vitest';

import { alignedRows, padded, plainText, shortened } from './text.ts';

it('keeps what others wrote on one line, and from steering the terminal', () => {
  expect(plainText('a\r\n\tb')).toBe('a b');
  expect(plainText('\u001b[2J\u0007x\u009b1m')).toBe('\\x1b[2J\\x07x\\x9b1m');
  expect(plainText('Grüße → 日本')).toBe('Grüße → 日本');
});

it('says when something is missing', () => {
  expect(shortened('12345', 5)).toBe('12345');
  expect(shortened('123456', 5)).toBe('1234…');
  expect(shortened('😀😀😀', 3)).toBe('😀😀😀');
});

it('aligns columns by what is seen of them', () => {
  expect(
    alignedRows(
      [
        ['a', '1', 'x'],
        ['bbb', '22', ''],
      ],
      ['left', 'right', 'left'],
    ),
  ).toEqual(['a     1  x', 'bbb  22']);
  expect(
    alignedRows([
      ['\u001b[31mred\u001b[0m', 'x'],
      ['green', 'y'],
    ]),
  ).toEqual(['\u001b[31mred\u001b[0m    x', 'green  y']);
  expect(padded('\u001b]8;;http://x/\u0007id\u001b]8;;\u0007', 4)).toBe(
    '\u001b]8;;http://x/\u0007id\u001b]8;;\u0007  ',
  );
});
