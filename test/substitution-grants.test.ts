import { expect, test } from 'vitest';
import {
  bettingJudge,
  drawDifference,
  grantedShare,
  naiveJudge,
  pairsUntilGranted,
  quantilePairs,
  type Judge,
} from './support/paired-streams.ts';

/** A sample of `full/substitution-grants.test.ts`. */
const STREAMS = 2000;

function shareGranted(judge: () => Judge, margin: number, discordance: number): number {
  const world = { discordance, difference: -margin };
  const run = { streams: STREAMS, pairs: 1000, salt: discordance };
  return grantedShare(pairsUntilGranted(judge, (chance) => drawDifference(world, chance), run));
}

test.each([0.05, 0.075, 0.15, 0.3, 0.6])(
  'a model that is worse by just 5 points, at a discordance of %d, is granted in at most 5 %% of 2,000 streams, looked at after each pair',
  (discordance) => {
    expect(shareGranted(() => bettingJudge(0.05), 0.05, discordance)).toBeLessThanOrEqual(0.05);
  },
);

test('a z-test that is done again after each pair would grant it in more than 20 %', () => {
  expect(shareGranted(() => naiveJudge(0.05), 0.05, 0.075)).toBeGreaterThan(0.2);
});

test('a model as good as the other, at a discordance of 7.5 %, is granted within 400 pairs in the median', () => {
  const world = { discordance: 0.075, difference: 0 };
  const outcomes = pairsUntilGranted(
    () => bettingJudge(0.05),
    (chance) => drawDifference(world, chance),
    { streams: STREAMS, pairs: 2000, salt: 1 },
  );
  expect(quantilePairs(outcomes, 0.5)).toBeLessThanOrEqual(400);
});

test('a model that is worse by just the margin is suspended in at most 10 % of 2,000 watches of 1,000 pairs', () => {
  const world = { discordance: 0.15, difference: -0.05 };
  const outcomes = pairsUntilGranted(
    () => bettingJudge(0.05, 'worse', 10),
    (chance) => drawDifference(world, chance),
    { streams: STREAMS, pairs: 1000, salt: 2 },
  );
  expect(grantedShare(outcomes)).toBeLessThanOrEqual(0.1);
  expect(grantedShare(outcomes)).toBeGreaterThan(0);
});
