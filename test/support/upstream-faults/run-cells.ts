import { HEAVY_ROWS, type Cell } from './cells.ts';
import type { FaultBench } from './fault-bench.ts';
import { flawsOfCell } from './flaws-of-cell.ts';

const AT_ONCE = 8;
const HEAVY_AT_ONCE = 2;
/** Names that are never answered for hold up other names: as many as the resolver asks for at once. */
const STALLED_ROW = 4;
const STALLED_AT_ONCE = 2;
/** Its cells last as long as a request may: they begin first, and the others take their turns beside them. */
const LONGEST_ROW = 21;

/** A cell during which this process stood still so long proves nothing where it fails: timers passed by themselves. It is played again. */
const STOOD_STILL_MS = 150;
const MOST_PLAYS = 3;

/** Plays all cells, several at once, and says what was wrong with each, by its id. */
export async function runCells(
  bench: FaultBench,
  cells: readonly Cell[],
): Promise<ReadonlyMap<number, readonly string[]>> {
  const found = new Map<number, readonly string[]>();
  const lag = startLagMeter();
  const play = async (cell: Cell): Promise<void> => {
    for (let plays = 1; plays <= MOST_PLAYS; plays++) {
      const heldUpBeforeMs = lag.heldUpMs();
      const flaws = await flawsOfCell(bench, cell, lag.heldUpMs).catch((error: unknown) => [String(error)]);
      if (cell.row === STALLED_ROW) bench.releaseName(cell);
      found.set(cell.id, flaws);
      if (flaws.length === 0 || lag.heldUpMs() - heldUpBeforeMs < STOOD_STILL_MS) return;
    }
  };
  try {
    const isHeavy = ({ row }: Cell): boolean => HEAVY_ROWS.has(row);
    const isStalled = ({ row }: Cell): boolean => row === STALLED_ROW;
    const others = cells.filter((cell) => !isHeavy(cell) && !isStalled(cell));
    const isLong = ({ row }: Cell): boolean => row === LONGEST_ROW;
    await inParallel([...others.filter(isLong), ...others.filter((cell) => !isLong(cell))], AT_ONCE, play);
    await inParallel(cells.filter(isStalled), STALLED_AT_ONCE, play);
    await inParallel(cells.filter(isHeavy), HEAVY_AT_ONCE, play);
  } finally {
    lag.stop();
  }
  return found;
}

async function inParallel(cells: readonly Cell[], atOnce: number, play: (cell: Cell) => Promise<void>): Promise<void> {
  const left = [...cells];
  const work = async (): Promise<void> => {
    for (let cell = left.shift(); cell !== undefined; cell = left.shift()) await play(cell);
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}

const LAG_TICK_MS = 10;

/** Says for how long this process itself has stood still, which nobody can hold against the gateway. */
function startLagMeter(): { readonly heldUpMs: () => number; stop(): void } {
  let heldUpMs = 0;
  let dueAt = performance.now() + LAG_TICK_MS;
  const timer = setInterval(() => {
    const now = performance.now();
    heldUpMs += Math.max(0, now - dueAt);
    dueAt = now + LAG_TICK_MS;
  }, LAG_TICK_MS);
  // Also what the tick that is due has yet to tell.
  return { heldUpMs: () => heldUpMs + Math.max(0, performance.now() - dueAt), stop: () => clearInterval(timer) };
}
