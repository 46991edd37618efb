import { beforeAll, describe, expect, test } from 'vitest';

import { candor } from '../bench/routing/candor-policy.ts';
import { readDataSets, type DataSets } from '../bench/routing/data-sets.ts';
import { drawSeeds, proveWorld, type PolicyResult, type WorldResult } from '../bench/routing/proof.ts';
import { simulate } from '../bench/routing/simulate.ts';
import { WORLDS } from '../bench/routing/world-library.ts';
import { createWorld } from '../bench/routing/world.ts';

/** A sample of `full/routing-proof.test.ts`: one world that stands still, and one where the cheapest falls silent. */
const folder = process.env['CANDOR_DATA'];
const SEEDS = drawSeeds(1, 3);
/** What three seeds leave to luck. */
const NOISE = 0.01;

function described(name: string) {
  const description = WORLDS.find((world) => world.name === name);
  if (description === undefined) throw new Error(`there is no world ${name}`);
  return description;
}

function policy({ policies }: WorldResult, name: string): PolicyResult {
  const found = policies.find((each) => each.name === name);
  if (found === undefined) throw new Error(`there is no policy ${name}`);
  return found;
}

/** Policies that do better than the one that knows the world: fewer misses, or as few for less. */
function betterThanClairvoyant({ clairvoyant, policies }: WorldResult): readonly string[] {
  const best = clairvoyant.means;
  const isBetter = ({ means }: PolicyResult): boolean =>
    means.misses < best.misses - NOISE ||
    (means.misses <= best.misses + NOISE / 2 && means.nanoUsdPerAccepted < best.nanoUsdPerAccepted * (1 - NOISE));
  return policies.filter(isBetter).map(({ name }) => name);
}

describe.skipIf(folder === undefined)('the routing proof (set CANDOR_DATA to the folder of its data sets)', () => {
  let data: DataSets;
  let still: WorldResult;
  let silent: WorldResult;
  beforeAll(() => {
    data = readDataSets(folder ?? '');
    still = proveWorld(described('stationary'), data, SEEDS);
    silent = proveWorld(described('outage-silent'), data, SEEDS);
  }, 60_000);

  test('where nothing changes Candor costs at most 3 % more than the best static policy, and misses nothing', () => {
    expect(still.bestStatic.name).toBe('only small');
    expect(still.bestStatic.cost.mean).toBeLessThanOrEqual(0.03);
    expect(still.candor.means.misses).toBe(0);
    expect(still.verdict).toBe('hold');
  });

  test('where the cheapest falls silent it costs less than the best static policy, and misses next to nothing', () => {
    expect(policy(silent, 'only small').means.misses).toBeGreaterThan(0.02);
    expect(silent.bestStatic.cost.high).toBeLessThan(0);
    // One cell of the 108.
    expect(silent.candor.means.misses).toBeLessThanOrEqual(NOISE);
  });

  test('nobody does better than who knows the world', () => {
    expect(betterThanClairvoyant(still)).toEqual([]);
    expect(betterThanClairvoyant(silent)).toEqual([]);
  });

  test('a seed gives one world and one run', () => {
    const run = () => simulate(createWorld(described('bargain'), data, 11), candor);
    expect(run()).toEqual(run());
  });
});
