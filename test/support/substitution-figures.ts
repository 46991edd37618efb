import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Chance } from '../../src/routing/chance.ts';
import { bootstrapInterval, mcnemarExact, meanDifference } from '../../src/substitution/paired-statistics.ts';
import {
  bettingJudge,
  drawDifference,
  grantedShare,
  naiveJudge,
  type PairedWorld,
  pairsUntilGranted,
  quantilePairs,
  runDraw,
} from './paired-streams.ts';

const STREAMS = 2000;
/** As many pairs as evidence may have. */
const PAIRS = 5000;

/** A row of a table of `docs/certificates.md`, and what in it can be asserted. */
export interface FigureRow {
  readonly cells: readonly string[];
  readonly granted: number;
  readonly naive: number;
  readonly median: number | null;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function points(share: number): string {
  return `${share < 0 ? '−' : ''}${Math.abs(share * 100).toFixed(1)}`;
}

function count(pairs: number | null): string {
  return pairs === null ? '–' : pairs.toLocaleString('en-US');
}

/** A source of differences whose true mean is just `-margin`. */
interface Edge {
  readonly name: string;
  readonly margin: number;
  readonly draw: (chance: Chance, nth: number) => number;
}

function discordant(margin: number, discordance: number): Edge {
  const world = { discordance, difference: -margin };
  return {
    name: `right or wrong, ${percent(discordance)} differ`,
    margin,
    draw: (chance) => drawDifference(world, chance),
  };
}

export const EDGES: readonly Edge[] = [
  ...[0.05, 0.075, 0.15, 0.3, 0.6].map((discordance) => discordant(0.05, discordance)),
  { name: 'graded: −30 to 20 points, evenly', margin: 0.05, draw: (chance) => chance.next() * 0.5 - 0.3 },
  {
    name: 'in turn 100 pairs of −5 points each, and 100 of which 60 % differ',
    margin: 0.05,
    draw: (chance, nth) => (nth % 200 < 100 ? -0.05 : drawDifference({ discordance: 0.6, difference: -0.05 }, chance)),
  },
  ...[0.02, 0.075, 0.3].map((discordance) => discordant(0.02, discordance)),
];

/** How many of 2,000 streams are granted although the model is worse by just the margin. */
export function falseGrants({ name, margin, draw }: Edge): FigureRow {
  const run = { streams: STREAMS, pairs: PAIRS, salt: margin };
  const granted = grantedShare(pairsUntilGranted(() => bettingJudge(margin), draw, run));
  const naive = grantedShare(pairsUntilGranted(() => naiveJudge(margin), draw, run));
  return { cells: [name, points(margin), percent(granted), percent(naive)], granted, naive, median: null };
}

export const WORLDS: readonly (PairedWorld & { readonly margin: number })[] = [
  { margin: 0.05, discordance: 0, difference: 0 },
  { margin: 0.05, discordance: 0.025, difference: 0 },
  { margin: 0.05, discordance: 0.075, difference: 0 },
  { margin: 0.05, discordance: 0.15, difference: 0 },
  { margin: 0.05, discordance: 0.3, difference: 0 },
  { margin: 0.05, discordance: 0.075, difference: 0.02 },
  { margin: 0.05, discordance: 0.075, difference: -0.02 },
  { margin: 0.05, discordance: 0.15, difference: -0.1 },
  { margin: 0.02, discordance: 0, difference: 0 },
  { margin: 0.02, discordance: 0.01, difference: 0 },
  { margin: 0.02, discordance: 0.075, difference: 0 },
  { margin: 0.1, discordance: 0, difference: 0 },
  { margin: 0.1, discordance: 0.15, difference: 0 },
  { margin: 0.1, discordance: 0.08, difference: -0.06 },
];

/** How many pairs it takes. */
export function pairsNeeded(world: PairedWorld & { readonly margin: number }): FigureRow {
  const { margin, discordance, difference } = world;
  const outcomes = pairsUntilGranted(
    () => bettingJudge(margin),
    (chance) => drawDifference(world, chance),
    { streams: STREAMS, pairs: PAIRS, salt: margin },
  );
  const [median, most] = [quantilePairs(outcomes, 0.5), quantilePairs(outcomes, 0.9)];
  const granted = grantedShare(outcomes);
  const cells = [
    points(margin),
    points(difference),
    percent(discordance),
    count(median),
    count(most),
    percent(granted),
  ];
  return { cells, granted, naive: 0, median };
}

export const CHANGES: readonly { readonly good: number; readonly difference: number }[] = [
  { good: 0, difference: -0.15 },
  { good: 300, difference: -0.1 },
  { good: 300, difference: -0.15 },
  { good: 1000, difference: -0.15 },
  { good: 1000, difference: -0.3 },
];

/** How soon a watch with a margin of five points ends a model that was as good, at a discordance of 7.5 %, and is not any more. */
export function timeToSuspend({ good, difference }: (typeof CHANGES)[number]): FigureRow {
  const before = { discordance: 0.075, difference: 0 };
  const after = { discordance: 0.05 - difference, difference };
  const outcomes = pairsUntilGranted(
    () => bettingJudge(0.05, 'worse', 10),
    (chance, nth) => drawDifference(nth < good ? before : after, chance),
    { streams: STREAMS, pairs: good + PAIRS, salt: good },
  );
  const late = (share: number): number => (quantilePairs(outcomes, share) ?? Infinity) - good;
  const early = outcomes.filter((pairs) => pairs !== null && pairs <= good).length / outcomes.length;
  const cells = [count(good), points(difference), count(late(0.5)), count(late(0.9)), percent(early)];
  return { cells, granted: early, naive: 0, median: late(0.5) };
}

/** How often a watch ends a model that is worse by just the margin, within 5,000 pairs. */
export function falseSuspensions(discordance: number): FigureRow {
  const world = { discordance, difference: -0.05 };
  const run = { streams: STREAMS, pairs: PAIRS, salt: discordance };
  const outcomes = pairsUntilGranted(
    () => bettingJudge(0.05, 'worse', 10),
    (chance) => drawDifference(world, chance),
    run,
  );
  const granted = grantedShare(outcomes);
  return { cells: [percent(discordance), percent(granted)], granted, naive: 0, median: null };
}

const MMLU = ['Mixtral-8x7B-Instruct-v0.1', 'gpt-4-1106-preview'] as const;

/** Which of the two models had a question right, of the table of outcomes in the folder. */
export function readOutcomes(folder: string): readonly (readonly [mixtral: boolean, gpt4: boolean])[] {
  const lines = readFileSync(join(folder, 'outcomes-mmlu-two-models.csv'), 'utf8').trim().split('\n');
  const rows = lines.slice(2).map((line) => line.split(',').slice(-2));
  return rows.map(([mixtral, gpt4]) => [mixtral === 'True', gpt4 === 'True']);
}

/** What comes of the two models of a published table, one for the other, in 200 random orders of its questions. */
export function onRecord(outcomes: ReturnType<typeof readOutcomes>, standIn: 0 | 1, margin: number): FigureRow {
  const differences = outcomes.map((right) => Number(right[standIn]) - Number(right[1 - standIn]));
  const nonzero = differences.filter((difference) => difference !== 0);
  const worse = nonzero.filter((difference) => difference < 0).length;
  const paired = { pairs: differences.length, nonzero };
  const [low, high] = bootstrapInterval(paired, 1) ?? [0, 0];
  const granted = Array.from({ length: 200 }, (_, order) => {
    const judge = bettingJudge(margin);
    const at = shuffled(differences, order)
      .slice(0, PAIRS)
      .findIndex((difference) => judge.add(difference));
    return at < 0 ? null : at + 1;
  });
  const p = mcnemarExact(worse, nonzero.length - worse);
  const cells = [
    `${MMLU[standIn]} for ${MMLU[standIn === 0 ? 1 : 0]}`,
    points(margin),
    `${points(meanDifference(paired) ?? 0)} (${points(low)} to ${points(high)})`,
    `${count(worse)} / ${count(nonzero.length - worse)}`,
    p < 1e-15 ? '< 10⁻¹⁵' : p.toPrecision(2),
    percent(grantedShare(granted)),
    count(quantilePairs(granted, 0.5)),
  ];
  return { cells, granted: grantedShare(granted), naive: 0, median: quantilePairs(granted, 0.5) };
}

/** Fisher and Yates. */
function shuffled(differences: readonly number[], order: number): readonly number[] {
  const chance = new Chance(runDraw(order, 3));
  const mixed = [...differences];
  for (let last = mixed.length - 1; last > 0; last--) {
    const other = chance.below(last + 1);
    [mixed[last], mixed[other]] = [mixed[other] ?? 0, mixed[last] ?? 0];
  }
  return mixed;
}
