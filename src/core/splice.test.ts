import fc from 'fast-check';
import { expect, test } from 'vitest';

import { splice } from './splice.ts';

test('edits replace, insert and remove, in whatever order they come', () => {
  const bytes = Buffer.from('0123456789');
  const edits = [
    { start: 8, end: 10, bytes: Buffer.from('') },
    { start: 2, end: 4, bytes: Buffer.from('AB!') },
    { start: 6, end: 6, bytes: Buffer.from('-') },
  ];
  expect(splice(bytes, edits).toString()).toBe('01AB!45-67');
  expect(bytes.toString()).toBe('0123456789');
});

test('no edits leave the bytes as they are', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (array) => {
      expect(splice(Buffer.from(array), []).equals(Buffer.from(array))).toBe(true);
    }),
    { numRuns: 50, seed: 1 },
  );
});

test('what lies between the edits is kept', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.string(), fc.string({ minLength: 1 }), fc.string()), { maxLength: 5 }),
      (pieces) => {
        let at = 0;
        const edits = pieces.map(([kept, old, fresh]) => {
          const start = at + Buffer.byteLength(kept);
          at = start + Buffer.byteLength(old);
          return { start, end: at, bytes: Buffer.from(fresh) };
        });
        const before = Buffer.from(pieces.map(([kept, old]) => kept + old).join(''));
        const after = pieces.map(([kept, , fresh]) => kept + fresh).join('');
        expect(splice(before, edits.toReversed()).toString()).toBe(Buffer.from(after).toString());
      },
    ),
    { numRuns: 200, seed: 2 },
  );
});
