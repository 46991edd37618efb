import { isDeepStrictEqual } from 'node:util';

import { randomFrom } from '../../src/simulator/random.ts';
import { outputHabits } from '../../src/validation/recovery/output-habits.ts';
import { JsonReader } from '../../src/validation/recovery/read-json.ts';
import { CORRUPTIONS, objectOf, type Corruption } from './json-corruptions.ts';

/** What came of all cases of one corruption. */
export interface CorruptionRow {
  readonly corruption: Corruption;
  readonly cases: number;
  readonly recovered: number;
  readonly refused: number;
  /** Texts that were read as another value than they were made of. */
  readonly wrong: readonly string[];
  /** The texts that were refused. */
  readonly refusals: readonly string[];
}

/** Reads so many corrupted objects, the corruptions by turns, and counts what came of them. */
export function corruptionTable(cases: number, seed: number): readonly CorruptionRow[] {
  const reader = new JsonReader();
  const habits = outputHabits('gpt-4o');
  return CORRUPTIONS.map((corruption, index): CorruptionRow => {
    const random = randomFrom(seed, index);
    const own = Math.ceil((cases - index) / CORRUPTIONS.length);
    const wrong: string[] = [];
    const refusals: string[] = [];
    let recovered = 0;
    for (let count = 0; count < own; count++) {
      const source = objectOf(random);
      const text = corruption.corrupt(source, random);
      const reading = reader.read(text, habits);
      if ('problem' in reading) refusals.push(text);
      else if (isDeepStrictEqual(reading.value, source) && corruption.expected === 'recovered') recovered++;
      else wrong.push(text);
    }
    return { corruption, cases: own, recovered, refused: refusals.length, wrong, refusals };
  });
}

/** The table as lines for a person. */
export function printedTable(rows: readonly CorruptionRow[]): string {
  const lines = rows.map(({ corruption, cases, recovered, refused, wrong }) =>
    [corruption.name.padEnd(40), cases, recovered, refused, wrong.length]
      .map((cell) => String(cell).padStart(6))
      .join(' '),
  );
  return [`${'corruption'.padEnd(40)}  cases    own refused  other`, ...lines].join('\n');
}
