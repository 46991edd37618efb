import { certificateFor, type CandidateDecision, type Decision, type DecisionInputs } from '../core/decision.ts';
import { assess, type Assessment } from './assess.ts';
import { Chance } from './chance.ts';
import { pickOrder } from './pick-order.ts';

/**
 * Says who is asked, and in which order: objectives filter, `pick` orders, circuits leave out. It knows nothing but its
 * inputs and keeps nothing, so that what is recorded can be decided again.
 */
export function decide(inputs: DecisionInputs): Decision {
  const { pick, fallback } = inputs;
  const chance = new Chance(inputs.draw);
  const assessed = inputs.candidates.map(assess);
  const picked = pickOrder(pick, assessed, chance);
  const preferred = picked.find(({ isMissed }) => pick === 'ordered' || !isMissed) ?? picked[0];
  // Under `ordered` a trial is no pick: it must be one of those that may stand in for the first.
  const mayBeTried = pick === 'ordered' ? picked.filter(permitted(fallback, preferred)) : picked;
  const trial = findTrial(mayBeTried, inputs, chance);
  const usual = pick === 'ordered' ? preferred : (trial ?? preferred);
  const isPermitted = permitted(fallback, usual);

  const decided = new Map<Assessment, CandidateDecision>();
  for (const assessment of assessed) {
    const { candidate, objectives, expectedCostNanoUsd } = assessment;
    const { deployment } = candidate;
    const verdict = standingOf(assessment, isPermitted(assessment), assessment === trial, inputs);
    decided.set(assessment, { deployment, ...verdict, objectives, expected_cost_nano_usd: expectedCostNanoUsd });
  }
  const namesOf = (standing: CandidateDecision['standing']): readonly string[] =>
    picked.filter((each) => decided.get(each)?.standing === standing).map(({ candidate }) => candidate.deployment);
  return {
    order: [...namesOf('trial'), ...namesOf('asked'), ...namesOf('last_resort')],
    usual: usual?.candidate.deployment ?? null,
    candidates: [...decided.values()],
  };
}

/** Who may answer where the usual one does not. */
function permitted(
  fallback: DecisionInputs['fallback'],
  usual: Assessment | undefined,
): (assessment: Assessment) => boolean {
  if (fallback === 'degraded' || usual === undefined) return () => true;
  const { model } = usual.candidate;
  return ({ candidate }) =>
    candidate.model === model || (fallback === 'certified' && certificateFor(model, candidate) !== null);
}

type Standing = Omit<CandidateDecision, 'deployment' | 'objectives' | 'expected_cost_nano_usd'>;

function standingOf(
  { candidate, isMissed }: Assessment,
  isPermitted: boolean,
  isTrial: boolean,
  { objective_policy, fallback }: DecisionInputs,
): Standing {
  if (!isPermitted) return { standing: 'excluded', excluded_by: fallback === 'off' ? 'fallback' : 'certificate' };
  if (candidate.circuit.state === 'open') return { standing: 'excluded', excluded_by: 'circuit' };
  if (candidate.circuit.state === 'cooling') return { standing: 'excluded', excluded_by: 'cooling' };
  if (isTrial) return { standing: 'trial', excluded_by: null };
  if (!isMissed) return { standing: 'asked', excluded_by: null };
  if (objective_policy === 'fail') return { standing: 'excluded', excluded_by: 'objective' };
  return { standing: 'last_resort', excluded_by: null };
}

/**
 * The one that is tried again, or for the first time, although it would not be asked first by what is known of it; never
 * more than one, so that two bad ones are not asked in a row, and drawn, so that none waits for another to recover.
 */
function findTrial(picked: readonly Assessment[], { pick }: DecisionInputs, chance: Chance): Assessment | null {
  const best = picked.findIndex(({ isAskable, isMissed }) => isAskable && !isMissed);
  // Where the trial is the pick, an open circuit must make none of somebody who would only be a fallback.
  const lead = pick === 'cheapest' ? picked.findIndex(({ isMissed }) => !isMissed) : best;
  const due = picked.filter((assessment, index) => {
    const { candidate, isAskable, isTooDear } = assessment;
    if (!candidate.trial_due || !isAskable || isTooDear || index === best) return false;
    return isWorthTrying(assessment, lead < 0 || index < lead, pick);
  });
  return (due.length > 1 ? due[chance.below(due.length)] : due[0]) ?? null;
}

/** Whether it might be the pick if it did well. @param isBefore whether it stands before all that would be asked */
function isWorthTrying(assessment: Assessment, isBefore: boolean, pick: DecisionInputs['pick']): boolean {
  const { candidate, isMissed, expectedCostNanoUsd, ttftP95Ms } = assessment;
  switch (pick) {
    case 'ordered':
      return isMissed && isBefore;
    case 'cheapest':
      // Without a price its cost stays unknown, however often it is asked.
      return (isMissed && isBefore) || (expectedCostNanoUsd === null && candidate.price !== null);
    case 'fastest':
      return isMissed || ttftP95Ms === null;
    case 'weighted':
      return isMissed;
  }
}
