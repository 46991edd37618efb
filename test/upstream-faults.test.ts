import { randomFrom } from '../src/simulator/random.ts';
import { faultMatrix, type Cell } from './support/upstream-faults/cells.ts';
import { describeMatrix } from './support/upstream-faults/describe-matrix.ts';

const SEED = 20_261_123;
const SHARE = 0.04;

/** Some of the cases of upstream faults, and one of each row at the least. The whole matrix runs in `test/full`. */
function chosenCells(): readonly Cell[] {
  const random = randomFrom(SEED);
  const drawn = faultMatrix().cells.map((cell) => ({ cell, draw: random.next() }));
  const least = new Map<number, number>();
  for (const { cell, draw } of drawn) least.set(cell.row, Math.min(draw, least.get(cell.row) ?? 1));
  return drawn.filter(({ cell, draw }) => draw < SHARE || draw === least.get(cell.row)).map(({ cell }) => cell);
}

describeMatrix(chosenCells());
