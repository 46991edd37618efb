import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

import type { Cell } from './cells.ts';
import { openFaultBench, type FaultBench } from './fault-bench.ts';
import { finalRecords } from './final-records.ts';
import { runCells } from './run-cells.ts';
import { startWholeGateway } from './whole-gateway.ts';

const SETUP_MS = 900_000;
/** Idle connections are kept for some seconds. */
const IDLE_CLOSES_MS = 10_000;
/** Answers that are cut: what is loaded only when the first of them is counted is no leak. */
const WARMING_ROWS: ReadonlySet<number> = new Set([15, 16, 17]);
/** Connections to so many addresses, and what the servers of these tests remember of what they heard, take their part. */
const MOST_GROWTH_BYTES_A_CELL = 25_000;
const MOST_GROWTH_BYTES = 6 * 1024 * 1024;

/** The tests of these cells: each on its own, then what is left of them all. */
export function describeMatrix(cells: readonly Cell[]): void {
  const chosen = new Set(cells.map(({ id }) => id));
  let bench: FaultBench;
  let flaws: ReadonlyMap<number, readonly string[]>;
  let growthBytes = 0;

  beforeAll(async () => {
    // The cells anew: their faults lead to places that are known only now.
    const opened = await openFaultBench((all) => all.filter(({ id }) => chosen.has(id)), startWholeGateway);
    bench = opened;
    await runCells(
      bench,
      opened.cells.filter(({ row }) => WARMING_ROWS.has(row)),
    );
    const before = heapBytes();
    flaws = await runCells(bench, opened.cells);
    growthBytes = heapBytes() - before;
  }, SETUP_MS);
  afterAll(() => bench.close());

  describe('every case', () => {
    test.each(cells.map((cell) => [cell.name, cell] as const))('%s', (_name, { id }) => {
      expect(flaws.get(id)).toEqual([]);
    });
  });

  describe('of all of them', () => {
    test('no place that a redirect named was ever called', () => {
      expect(bench.trapped()).toBe(0);
    });

    test(
      'no connection is left',
      async () => {
        await vi.waitFor(() => expect(bench.openSockets()).toBe(0), { timeout: IDLE_CLOSES_MS, interval: 100 });
      },
      2 * IDLE_CLOSES_MS,
    );

    test('no memory is kept', () => {
      expect(growthBytes).toBeLessThan(MOST_GROWTH_BYTES + cells.length * MOST_GROWTH_BYTES_A_CELL);
    });

    test('every request is on record once', async () => {
      await bench.closeGateway();
      const counts = finalRecords(bench.store);
      expect(bench.ids.filter((id) => counts.get(id) !== 1)).toEqual([]);
      expect(counts.size).toBe(bench.ids.length);
    });
  });
}

function heapBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}
