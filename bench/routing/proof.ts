import { HALF_LIVES } from '../../src/telemetry/decay.ts';
import { candor, candorWith } from './candor-policy.ts';
import { clairvoyant } from './clairvoyant.ts';
import type { DataSets } from './data-sets.ts';
import { estimate, meanOf, type Estimate } from './paired.ts';
import type { PolicyKind } from './policy.ts';
import { drawn, PURPOSE } from './random.ts';
import { simulate } from './simulate.ts';
import { staticPolicies } from './static-policies.ts';
import type { RunFigures } from './tally.ts';
import { twoChoices } from './two-choices.ts';
import { MINUTE_MS, type WorldDescription } from './world-library.ts';
import { createWorld } from './world.ts';

/** An objective counts as met up to this share of missed cells. */
const MET_UP_TO = 0.005;
/** The bound where there is nothing to win. */
const HOLDING = 0.03;

/** One policy in one world, beside Candor. */
export interface PolicyResult {
  readonly name: string;
  readonly isStatic: boolean;
  /** By seed. */
  readonly runs: readonly RunFigures[];
  readonly means: RunFigures;
  /** Candor's cost per accepted answer over this policy's, less 1. */
  readonly cost: Estimate;
  /** Candor's misses less this policy's. */
  readonly misses: Estimate;
}

export type Verdict = 'win' | 'hold' | 'loss';

export interface WorldResult {
  readonly name: string;
  readonly part: WorldDescription['part'];
  readonly seeds: readonly number[];
  readonly candor: PolicyResult;
  readonly clairvoyant: PolicyResult;
  readonly bestStatic: PolicyResult;
  readonly verdict: Verdict;
  /** All of them, in the order of CRITERIA.md. */
  readonly policies: readonly PolicyResult[];
}

/** The held-out worlds together, each with the same weight. */
export interface HeldOutResult {
  /** Against the best static policy of each world. */
  readonly cost: Estimate;
  readonly misses: Estimate;
  readonly isAccepted: boolean;
}

/** How Candor does with another half-life of what it saw of speed and errors. */
export interface SensitivityResult {
  readonly world: string;
  readonly halfLifeMinutes: number;
  readonly nanoUsdPerAccepted: number;
  readonly misses: number;
  readonly late: number;
}

/** The seeds of the runs, drawn from a master seed. */
export function drawSeeds(masterSeed: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, nth) => Math.floor(drawn(masterSeed, PURPOSE.seed, nth) * 2 ** 31));
}

/** Runs every policy through one world, once for each seed. */
export function proveWorld(description: WorldDescription, data: DataSets, seeds: readonly number[]): WorldResult {
  const kinds: readonly PolicyKind[] = [candor, clairvoyant, ...staticPolicies(description.arms), twoChoices];
  const runs = kinds.map((): RunFigures[] => []);
  for (const seed of seeds) {
    const world = createWorld(description, data, seed);
    for (const [nth, kind] of kinds.entries()) runs[nth]!.push(simulate(world, kind));
  }
  const policies = kinds.map((kind, nth) => compare(kind, runs[nth]!, runs[0]!));
  const [ofCandor, ofClairvoyant] = policies as [PolicyResult, PolicyResult];
  const bestStatic = bestInHindsight(policies.filter(({ isStatic }) => isStatic));
  const { name, part } = description;
  const verdict = judge(ofCandor, bestStatic, ofClairvoyant);
  return { name, part, seeds, candor: ofCandor, clairvoyant: ofClairvoyant, bestStatic, verdict, policies };
}

function compare(
  { name, isStatic }: PolicyKind,
  runs: readonly RunFigures[],
  ofCandor: readonly RunFigures[],
): PolicyResult {
  const cost = runs.map((run, nth) => ofCandor[nth]!.nanoUsdPerAccepted / run.nanoUsdPerAccepted - 1);
  const misses = runs.map((run, nth) => ofCandor[nth]!.misses - run.misses);
  return { name, isStatic, runs, means: meanFigures(runs), cost: estimate(cost), misses: estimate(misses) };
}

function meanFigures(runs: readonly RunFigures[]): RunFigures {
  const mean = (name: keyof RunFigures): number => meanOf(runs.map((run) => run[name]));
  return {
    nanoUsdPerAccepted: mean('nanoUsdPerAccepted'),
    misses: mean('misses'),
    late: mean('late'),
    failed: mean('failed'),
    bad: mean('bad'),
    attemptsPerRequest: mean('attemptsPerRequest'),
  };
}

/** The cheapest of those that meet the objectives; else the one that misses fewest, the cheaper of equals. */
function bestInHindsight(policies: readonly PolicyResult[]): PolicyResult {
  const missed = ({ means }: PolicyResult): number => (means.misses <= MET_UP_TO ? 0 : means.misses);
  const best = policies.toSorted(
    (a, b) => missed(a) - missed(b) || a.means.nanoUsdPerAccepted - b.means.nanoUsdPerAccepted,
  )[0];
  if (best === undefined) throw new Error('there is no static policy to compare with');
  return best;
}

/** By CRITERIA.md, "Acceptance" 1 and 2. */
function judge(ofCandor: PolicyResult, bestStatic: PolicyResult, ofClairvoyant: PolicyResult): Verdict {
  if (ofCandor.means.misses > Math.max(MET_UP_TO, bestStatic.means.misses)) return 'loss';
  if (bestStatic.cost.high < 0) return 'win';
  const { nanoUsdPerAccepted: leastCost } = ofClairvoyant.means;
  const isNothingToWin = leastCost > (1 - HOLDING) * bestStatic.means.nanoUsdPerAccepted;
  return isNothingToWin && bestStatic.cost.mean <= HOLDING ? 'hold' : 'loss';
}

/** By CRITERIA.md, "Acceptance" 3. */
export function judgeHeldOut(worlds: readonly WorldResult[]): HeldOutResult {
  const heldOut = worlds.filter(({ part }) => part === 'held-out');
  const seeds = heldOut[0]?.seeds ?? [];
  const overWorlds = (differenceOf: (ofCandor: RunFigures, ofStatic: RunFigures) => number): Estimate =>
    estimate(
      seeds.map((_, nth) =>
        meanOf(heldOut.map(({ candor: { runs }, bestStatic }) => differenceOf(runs[nth]!, bestStatic.runs[nth]!))),
      ),
    );
  const cost = overWorlds((one, other) => one.nanoUsdPerAccepted / other.nanoUsdPerAccepted - 1);
  const misses = overWorlds((one, other) => one.misses - other.misses);
  return { cost, misses, isAccepted: misses.mean <= 0 && cost.high < 0 };
}

/** Runs Candor with one half-life. */
export function proveHalfLife(
  description: WorldDescription,
  data: DataSets,
  seeds: readonly number[],
  halfLifeMinutes: number,
): SensitivityResult {
  const kind = candorWith({ ...HALF_LIVES, fastMs: halfLifeMinutes * MINUTE_MS });
  const { nanoUsdPerAccepted, misses, late } = meanFigures(
    seeds.map((seed) => simulate(createWorld(description, data, seed), kind)),
  );
  return { world: description.name, halfLifeMinutes, nanoUsdPerAccepted, misses, late };
}
