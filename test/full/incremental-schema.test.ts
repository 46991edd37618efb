import { expect, test } from 'vitest';

import { IncrementalRun } from '../support/incremental-run.ts';

const SCHEMAS = 6000;
const TEXTS = 6;

test('36,000 random texts: nothing accepted is failed on the way, and much of the rest is found before its end', () => {
  const run = new IncrementalRun();
  const found = { repaired: [] as number[], asItStands: [] as number[] };
  const failed = { repaired: 0, asItStands: 0 };
  const broken: string[] = [];
  let accepted = 0;
  for (let seed = 0; seed < SCHEMAS; seed++) {
    for (const judged of run.judge(seed, TEXTS)) {
      broken.push(...judged.broken);
      const kind = judged.mayRepair ? 'repaired' : 'asItStands';
      if (judged.final === 'pass') accepted++;
      if (judged.final !== 'fail') continue;
      failed[kind]++;
      if (judged.foundAt !== null) found[kind].push(judged.foundAt);
    }
  }
  expect(broken).toEqual([]);
  const told = (['asItStands', 'repaired'] as const).map((kind) => {
    const places = found[kind].sort((one, other) => one - other);
    const [quarter, half, rest] = [0.25, 0.5, 0.75].map((share) =>
      places[Math.floor(places.length * share)]?.toFixed(2),
    );
    return `${kind}: ${places.length} of ${failed[kind]} found early, at ${quarter}, ${half}, ${rest} of their length (quartiles)`;
  });
  process.stdout.write(`${accepted} accepted; ${told.join('; ')}\n`);
  expect(accepted).toBeGreaterThan(5000);
  // Of the rest most are no JSON only at their end, or break keywords that only the whole can tell.
  expect(found.asItStands.length / failed.asItStands).toBeGreaterThan(0.5);
});
