import { expect, it } from 'vitest';

import { HeldBytes } from './held-bytes.ts';

it('counts what all requests hold, and forgets a request as a whole', () => {
  const held = new HeldBytes(100);
  const [one, other] = [held.hold(), held.hold()];
  expect([one.add(60), held.isFull]).toEqual([true, false]);
  // What is over is counted too: it is there.
  expect([other.add(50), held.isFull, held.bytes]).toEqual([false, true, 110]);
  other.release();
  expect([held.isFull, held.bytes]).toEqual([false, 60]);
  expect(one.add(1)).toBe(true);
  one.release();
  one.release();
  expect(held.bytes).toBe(0);
});
