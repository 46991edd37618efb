import { afterAll, beforeAll, expect, test } from 'vitest';

import { compileSources, type CompiledSources } from '../support/compiled-sources.ts';
import { killAgainAndAgain, NOTHING_LOST } from '../support/killed-gateway.ts';
import { seededRandom } from '../support/ledger-image.ts';

let sources: CompiledSources;
beforeAll(() => {
  sources = compileSources();
});
afterAll(() => sources.remove());

const KILLS = 200;

test('two hundred kills under load leave no answer without a record, and none under way untold', async () => {
  const report = await killAgainAndAgain(sources, { kills: KILLS, answersPerKill: 110, random: seededRandom(3) });
  const restarts = report.restartMs.toSorted((a, b) => a - b);
  process.stdout.write(
    `${report.answered} answers, ${report.unfinished} under way at a kill, ${report.tornTails} torn tails; ` +
      `ready again after ${Math.round(restarts[KILLS / 2] ?? 0)} ms (median), ${Math.round(restarts.at(-1) ?? 0)} ms at most\n`,
  );
  expect(report).toMatchObject(NOTHING_LOST);
  expect(report.answered).toBeGreaterThanOrEqual(20_000);
  expect(report.unfinished).toBeGreaterThan(KILLS);
}, 900_000);
