import { describe, expect, test, vi } from 'vitest';

import { HAS_PROC, openMemoryBench } from './support/memory-bench.ts';
import { runSteadyLoad } from './support/steady-load.ts';

const READERS = 50;
/** What they may cost, most of it what the runtime has not collected yet, which is as much for few as for many. Kept in memory, the answers alone would be four times as much. */
const MAX_GROWTH_MIB = 128;
/** Nothing is written for so long: the upstream stands still. */
const STILL_MS = 1_000;

describe.skipIf(!HAS_PROC)('memory (Linux only: resident memory is read from /proc)', () => {
  test('50 readers that do not read cost little, and stop their upstreams', { timeout: 60_000 }, async () => {
    const bench = await openMemoryBench();
    let most = 0;
    try {
      // As many at once as there will be: what that costs is no matter of who reads.
      await runSteadyLoad({ url: bench.gateway.url, perSecond: 50, seconds: 1, concurrent: READERS });
      const start = bench.residentMib();
      for (let index = 0; index < READERS; index++) bench.readers.open(`stalled ${index}`, 'stalled');
      await vi.waitFor(
        () => {
          most = Math.max(most, bench.residentMib() - start);
          const { open } = bench.upstream;
          expect(open.size).toBe(READERS);
          const lastAt = Math.max(...[...open].map((outpour) => outpour.lastAt));
          expect(performance.now() - lastAt).toBeGreaterThan(STILL_MS);
        },
        { timeout: 40_000, interval: 50 },
      );
      expect(most).toBeLessThan(MAX_GROWTH_MIB);
    } finally {
      await bench.close();
    }
  });
});
