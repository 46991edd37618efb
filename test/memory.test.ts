import { describe, expect, test, vi } from 'vitest';

import { HAS_PROC, openMemoryBench, type MemoryBench, type Sabotage } from './support/memory-bench.ts';
import { runSteadyLoad } from './support/steady-load.ts';

const READERS = 50;
/** What they may cost, most of it what the runtime has not collected yet, which is as much for few as for many. Kept in memory, the answers alone would be four times as much. */
const MAX_GROWTH_MIB = 128;
/** Nothing is written for so long: the upstream stands still. */
const STILL_MS = 1_000;

const IGNORES_BACKPRESSURE: Sabotage = {
  module: 'server/client-connection',
  code: 'this.#response.write(bytes) ? undefined',
  replacement: 'this.#response.write(bytes) || true ? undefined',
};

/** Lets as many readers ask at once as the gateway has served before, and tells how far it has grown until that satisfies. */
async function growthUntil(bench: MemoryBench, until: (growthMib: number) => void): Promise<void> {
  await runSteadyLoad({ url: bench.gateway.url, perSecond: 50, seconds: 1, concurrent: READERS });
  const start = bench.residentMib();
  for (let index = 0; index < READERS; index++) bench.readers.open(`stalled ${index}`, 'stalled');
  await vi.waitFor(() => until(bench.residentMib() - start), { timeout: 30_000, interval: 50 });
}

describe.skipIf(!HAS_PROC)('memory (Linux only: resident memory is read from /proc)', () => {
  test('50 readers that do not read cost little, and stop their upstreams', { timeout: 60_000 }, async () => {
    const bench = await openMemoryBench();
    let most = 0;
    try {
      await growthUntil(bench, (growthMib) => {
        most = Math.max(most, growthMib);
        const { open } = bench.upstream;
        expect(open.size).toBe(READERS);
        const lastAt = Math.max(...[...open].map((outpour) => outpour.lastAt));
        expect(performance.now() - lastAt).toBeGreaterThan(STILL_MS);
      });
      expect(most).toBeLessThan(MAX_GROWTH_MIB);
    } finally {
      await bench.close();
    }
  });

  test('a gateway that writes whether or not its client reads is found out', { timeout: 60_000 }, async () => {
    const bench = await openMemoryBench({ sabotage: IGNORES_BACKPRESSURE });
    try {
      await growthUntil(bench, (growthMib) => expect(growthMib).toBeGreaterThan(MAX_GROWTH_MIB));
    } finally {
      await bench.close();
    }
  });
});
