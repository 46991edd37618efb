import type { PickWord } from '../core/objective.ts';
import type { Assessment } from './assess.ts';
import type { Chance } from './chance.ts';

type Strategy = (candidates: readonly Assessment[], chance: Chance) => readonly Assessment[];

/** One line for each word of `pick`. What they order comes in the order of the config, which decides between equals. */
const STRATEGIES: Readonly<Record<PickWord, Strategy>> = {
  ordered: (candidates) => candidates,
  fastest: (candidates) => ascending(candidates, ({ ttftP95Ms }) => ttftP95Ms),
  cheapest: (candidates) => ascending(candidates, ({ expectedCostNanoUsd }) => expectedCostNanoUsd),
  weighted: drawByWeight,
};

/**
 * Everybody in the order of `pick`, whatever is held against them. The deployments of a model that was named as a whole
 * stand together, where the best of them stands: of two that are drawn the one with less to do comes first.
 * @param candidates in the order of the config
 */
export function pickOrder(pick: PickWord, candidates: readonly Assessment[], chance: Chance): readonly Assessment[] {
  const order = STRATEGIES[pick](candidates, chance);
  if (!candidates.some(({ candidate }) => candidate.shares)) return order;
  const placed = new Set<string>();
  return order.flatMap((assessment) => {
    const { shares, model } = assessment.candidate;
    if (!shares) return [assessment];
    if (placed.has(model)) return [];
    placed.add(model);
    return shareRequests(membersOf(model, candidates), chance);
  });
}

/** By the figure; those that have none come last. Sorting keeps the order of equals. */
function ascending(
  candidates: readonly Assessment[],
  figureOf: (assessment: Assessment) => number | null,
): readonly Assessment[] {
  const figure = (assessment: Assessment): number => figureOf(assessment) ?? Infinity;
  return candidates.toSorted((a, b) => (figure(a) === figure(b) ? 0 : figure(a) - figure(b)));
}

/** One after the other, each with a chance of its weight among those that are left. The members of a model that was named as a whole have its weight together. */
function drawByWeight(candidates: readonly Assessment[], chance: Chance): readonly Assessment[] {
  const left = candidates.map((assessment) => {
    const { shares, model, weight } = assessment.candidate;
    return { assessment, weight: shares ? weight / membersOf(model, candidates).length : weight };
  });
  const drawn: Assessment[] = [];
  while (left.length > 0) {
    const total = left.reduce((sum, { weight }) => sum + weight, 0);
    let rest = chance.next() * total;
    const found = left.findIndex(({ weight }) => (rest -= weight) < 0);
    // Rounding may leave a crumb behind the last of them.
    for (const { assessment } of left.splice(found < 0 ? left.length - 1 : found, 1)) drawn.push(assessment);
  }
  return drawn;
}

/** The power of two choices; the rest follow by load. One that was never measured has the least, so that it gets measured. */
function shareRequests(members: readonly Assessment[], chance: Chance): readonly Assessment[] {
  if (members.length < 2) return members;
  const one = chance.below(members.length);
  const drawn = chance.below(members.length - 1);
  const other = drawn < one ? drawn : drawn + 1;
  const load = (index: number): number => members[index]?.candidate.load ?? -1;
  const first = load(other) < load(one) ? other : one;
  const rest = [...members.keys()].filter((index) => index !== first).toSorted((a, b) => load(a) - load(b));
  return [first, ...rest].flatMap((index) => members[index] ?? []);
}

function membersOf(model: string, candidates: readonly Assessment[]): readonly Assessment[] {
  return candidates.filter(({ candidate }) => candidate.shares && candidate.model === model);
}
