import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';

import { readDataSets, type DataSets } from '../../bench/routing/data-sets.ts';
import { drawSeeds, judgeHeldOut, proveWorld, type WorldResult } from '../../bench/routing/proof.ts';
import { renderReport } from '../../bench/routing/report.ts';
import { WORLDS } from '../../bench/routing/world-library.ts';

/** The whole proof by bench/routing/CRITERIA.md: 16 worlds, 30 seeds, every policy. */
const folder = process.env['CANDOR_DATA'];
const SEEDS = drawSeeds(1, 30);

/** Verdicts by world, as docs/routing-proof.md prints them. */
function printedVerdicts(): Readonly<Record<string, string>> {
  const page = readFileSync(join(import.meta.dirname, '../../docs/routing-proof.md'), 'utf8');
  const rows = page.matchAll(/^\| ([a-z-]+) +\| (?:tuning|held-out) +\| \**(win|hold|loss)\** +\|/gm);
  return Object.fromEntries(Array.from(rows, ([, world, verdict]) => [world, verdict]));
}

describe.skipIf(folder === undefined)('the routing proof (set CANDOR_DATA to the folder of its data sets)', () => {
  const results: WorldResult[] = [];
  let data: DataSets;
  beforeAll(() => {
    data = readDataSets(folder ?? '');
  });

  test.each(WORLDS.map((world) => [world.name, world] as const))('%s ends as it is printed', (name, world) => {
    const result = proveWorld(world, data, SEEDS);
    results.push(result);
    expect(result.verdict).toBe(printedVerdicts()[name]);
  });

  test('where nothing changes Candor costs at most 3 % more than the best static policy', () => {
    const stationary = results.filter(({ name }) => name.startsWith('stationary'));
    expect(stationary).toHaveLength(2);
    for (const { name, bestStatic, candor } of stationary) {
      expect(bestStatic.cost.mean, name).toBeLessThanOrEqual(0.03);
      expect(candor.means.misses, name).toBeLessThanOrEqual(Math.max(0.005, bestStatic.means.misses));
    }
  });

  test('over the held-out worlds it costs less than the best static policy of each, and its losses are printed', () => {
    const heldOut = judgeHeldOut(results);
    expect(heldOut.cost.high).toBeLessThan(0);
    const report = renderReport({ worlds: results, heldOut, sensitivity: [] });
    const losses = results.filter(({ verdict }) => verdict === 'loss');
    for (const { name, part } of losses) expect(report).toContain(`| ${name} | ${part} | **loss** |`);
    expect(report.match(/\*\*loss\*\*/g) ?? []).toHaveLength(losses.length);
  });
});
