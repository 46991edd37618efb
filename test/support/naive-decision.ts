import type { CandidateInputs, DecisionInputs } from '../../src/core/decision.ts';
import { judgeObjective } from '../../src/telemetry/judge-objective.ts';

type Candidates = readonly CandidateInputs[];

/**
 * Every decision that the rules allow, as `usual` and order, whatever the draw: the rules written down a second time,
 * one after the other and without a thought for speed.
 */
export function possibleDecisions(inputs: DecisionInputs): readonly string[] {
  return pickOrders(inputs).flatMap((order) => {
    const best = order.findIndex((each) => canBeAsked(each) && !misses(each));
    const first = inputs.pick === 'ordered' ? order[0] : (order.find((each) => !misses(each)) ?? order[0]);
    const trials = order.filter((each, place) => {
      if (!each.trial_due || !canBeAsked(each) || missesCost(each) || place === best) return false;
      const sameModel = inputs.fallback === 'off' && inputs.pick === 'ordered';
      if (sameModel && each.model !== first?.model) return false;
      const rivals = order.filter(
        (rival) =>
          (inputs.pick === 'cheapest' || canBeAsked(rival)) &&
          !misses(rival) &&
          (!sameModel || rival.model === first?.model),
      );
      const leads = rivals.every((rival) => order.indexOf(rival) > place);
      if (inputs.pick === 'fastest') return misses(each) || (each.ttft?.n ?? 0) < 8;
      if (inputs.pick === 'cheapest' && each.price !== null && each.tokens.out === null) return true;
      return misses(each) && (inputs.pick === 'weighted' || leads);
    });
    return (trials.length === 0 ? [undefined] : trials).map((trial) => {
      const usual = inputs.pick === 'ordered' ? first : (trial ?? first);
      const left = order.filter(
        (each) => canBeAsked(each) && (inputs.fallback === 'degraded' || each.model === usual?.model),
      );
      const others = left.filter((each) => each !== trial);
      const late = inputs.objective_policy === 'fail' ? [] : others.filter(misses);
      const asked = [...(trial === undefined ? [] : [trial]), ...others.filter((each) => !misses(each)), ...late];
      return `${usual?.deployment ?? null}: ${asked.map(({ deployment }) => deployment).join()}`;
    });
  });
}

/** Every order that `pick` may give. */
function pickOrders({ pick, candidates }: DecisionInputs): readonly Candidates[] {
  const figure = ({ ttft }: CandidateInputs): number => (ttft !== null && ttft.n >= 8 ? ttft.p95_ms : Infinity);
  const by = (of: (each: CandidateInputs) => number): Candidates =>
    [...candidates].sort((a, b) => (of(a) < of(b) ? -1 : of(a) > of(b) ? 1 : 0));
  const sorted = {
    ordered: () => candidates,
    fastest: () => by(figure),
    cheapest: () => by((each) => costOf(each) ?? Infinity),
  };
  const orders = pick === 'weighted' ? permutations(candidates) : [sorted[pick]()];
  return orders.flatMap((order) => {
    const heads = order.filter(
      (each, place) => !each.shares || !order.slice(0, place).some((other) => together(each, other)),
    );
    return heads.reduce<readonly Candidates[]>(
      (begun, head) =>
        begun.flatMap((start) =>
          arranged(candidates.filter((each) => each === head || together(each, head))).map((group) => [
            ...start,
            ...group,
          ]),
        ),
      [[]],
    );
  });
}

function arranged(group: Candidates): readonly Candidates[] {
  const load = ({ load }: CandidateInputs): number => load ?? -1;
  const pairs = group.flatMap((one) => group.filter((two) => two !== one).map((two) => [one, two] as const));
  if (pairs.length === 0) return [group];
  return pairs.map(([one, two]) => {
    const winner = load(two) < load(one) ? two : one;
    return [winner, ...group.filter((each) => each !== winner).sort((a, b) => load(a) - load(b))];
  });
}

function permutations(all: Candidates): readonly Candidates[] {
  return all.length === 0
    ? [[]]
    : all.flatMap((each) => permutations(all.filter((other) => other !== each)).map((rest) => [each, ...rest]));
}

const together = (one: CandidateInputs, other: CandidateInputs): boolean =>
  one.shares && other.shares && one.model === other.model;
const canBeAsked = ({ circuit }: CandidateInputs): boolean => circuit.state !== 'open' && circuit.state !== 'cooling';

function costOf({ price, tokens, accepted_share }: CandidateInputs): number | null {
  if (price === null || tokens.out === null) return null;
  return Math.round(((tokens.in * price.in + tokens.out * price.out) * 1000) / accepted_share);
}

function missesCost(each: CandidateInputs): boolean {
  return each.objectives.some(({ name, limit }) => name === 'cost_per_request' && (costOf(each) ?? 0) > limit);
}

function misses(each: CandidateInputs): boolean {
  const measured = each.objectives.filter(({ name }) => name !== 'cost_per_request');
  return missesCost(each) || measured.some((evidence) => judgeObjective(evidence).met === false);
}
