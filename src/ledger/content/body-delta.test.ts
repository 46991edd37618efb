import { array, check, nat, property, record, uint8Array } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeDelta, type DeltaPiece, encodeDelta } from './body-delta.ts';

function ownBytes(pieces: readonly DeltaPiece[] | null): number | null {
  if (pieces === null) return null;
  return pieces.reduce((sum, piece) => sum + (piece.kind === 'own' ? piece.bytes.length : 0), 0);
}

const LONG = Array.from({ length: 3000 }, (_, index) => `word${index}`).join(' ');

describe('a delta', () => {
  it('of equal bodies is one copy', () => {
    const body = Buffer.from(LONG);
    expect(encodeDelta(body, Buffer.from(body))).toEqual([{ kind: 'copy', offset: 0, length: body.length }]);
  });

  it.each([
    ['one edit near the start', `{"model":"a","x":"${LONG}"}`, `{"model":"another","x":"${LONG}"}`, 6],
    ['one edit at the end', `{"x":"${LONG}"}`, `{"x":"${LONG}","y":1}`, 6],
    ['two edits', `{"model":"a","x":"${LONG}"}`, `{"model":"another","x":"${LONG}","y":1}`, 100],
  ])('of %s keeps hardly more than the edits', (_, base, target, most) => {
    const pieces = encodeDelta(Buffer.from(base), Buffer.from(target));
    expect(ownBytes(pieces)).toBeLessThanOrEqual(most);
    expect(decodeDelta(Buffer.from(base), pieces ?? [])?.toString()).toBe(target);
  });

  it('is not made of bodies that have little in common', () => {
    expect(encodeDelta(Buffer.from(LONG), Buffer.from(LONG.toUpperCase()))).toBeNull();
    expect(encodeDelta(Buffer.from('short'), Buffer.from('short'))).toBeNull();
  });

  it('gives the target back byte for byte, whatever was edited', () => {
    const base = Buffer.from(LONG.slice(0, 6000));
    const edit = record({ at: nat(5999), remove: nat(300), insert: uint8Array({ maxLength: 40 }) });
    const restored = property(array(edit, { maxLength: 3 }), (edits) => {
      let target = base;
      for (const { at, remove, insert } of edits) {
        target = Buffer.concat([target.subarray(0, at), insert, target.subarray(at + remove)]);
      }
      const pieces = encodeDelta(base, target);
      return pieces === null || decodeDelta(base, pieces)?.equals(target) === true;
    });
    expect(check(restored, { numRuns: 500 })).toMatchObject({ failed: false, counterexample: null });
  });

  it('that reaches beyond its base is refused', () => {
    expect(decodeDelta(Buffer.from('abc'), [{ kind: 'copy', offset: 2, length: 2 }])).toBeNull();
  });
});
