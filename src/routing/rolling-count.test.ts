import fc from 'fast-check';
import { expect, test } from 'vitest';

import { RollingCount } from './rolling-count.ts';

test('counts what a list of the events would', () => {
  const gap = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 1500 }), fc.integer({ min: 0, max: 40_000 }));
  fc.assert(
    fc.property(fc.array(gap), fc.integer({ min: 1, max: 30 }), fc.nat(1e9), (gapsMs, seconds, startMs) => {
      const count = new RollingCount(seconds);
      const times: number[] = [];
      let nowMs = startMs;
      for (const gapMs of gapsMs) {
        nowMs += gapMs;
        const oldest = Math.floor(nowMs / 1000) - seconds;
        expect(count.sum(nowMs)).toBe(times.filter((time) => Math.floor(time / 1000) > oldest).length);
        count.add(nowMs);
        times.push(nowMs);
      }
    }),
  );
});
