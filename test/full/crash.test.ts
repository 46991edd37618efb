import { afterAll, beforeAll, expect, test } from 'vitest';

import { compileSources, type CompiledSources } from '../support/compiled-sources.ts';
import { killAgainAndAgain, NOTHING_LOST, type KillReport } from '../support/killed-gateway.ts';
import { seededRandom } from '../support/ledger-image.ts';

let sources: CompiledSources;
beforeAll(() => {
  sources = compileSources();
});
afterAll(() => sources.remove());

/** Each series has a folder of its own: verifying one takes the longer the more it holds. */
const SERIES = 5;
const KILLS = 40;

test('two hundred kills under load leave no answer without a record, and none under way untold', async () => {
  const reports: KillReport[] = [];
  for (let series = 1; series <= SERIES; series++) {
    const report = await killAgainAndAgain(sources, {
      kills: KILLS,
      answersPerKill: 110,
      random: seededRandom(series),
    });
    expect(report).toMatchObject(NOTHING_LOST);
    reports.push(report);
  }
  const sum = (count: (report: KillReport) => number): number =>
    reports.reduce((total, report) => total + count(report), 0);
  const restarts = reports.flatMap(({ restartMs }) => restartMs).toSorted((a, b) => a - b);
  process.stdout.write(
    `${sum(({ answered }) => answered)} answers, ${sum(({ unfinished }) => unfinished)} requests under way at a kill; ready again ` +
      `after ${Math.round(restarts[restarts.length >> 1] ?? 0)} ms (median), ${Math.round(restarts.at(-1) ?? 0)} ms at most\n`,
  );
  expect(sum(({ answered }) => answered)).toBeGreaterThanOrEqual(20_000);
  expect(sum(({ unfinished }) => unfinished)).toBeGreaterThan(SERIES * KILLS);
}, 900_000);
