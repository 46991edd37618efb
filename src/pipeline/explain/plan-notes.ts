import type { TokenCount } from '../../tokens/token-count.ts';
import { MAX_ATTEMPTS } from '../turns.ts';
import { decisionNotes, trialNotes } from './decision-notes.ts';
import type { DryPlan } from './dry-plan.ts';

/** What a person should know of a plan besides its order. */
export function planNotes(dry: DryPlan): readonly string[] {
  const { plan, world } = dry;
  return [
    ...(world.assumed.length === 0 ? [] : [`assumed: ${world.assumed.join(', ')}`]),
    ...decisionNotes(plan.inputs, plan.decision),
    ...trialNotes(plan.inputs),
    ...attemptNotes(dry),
    ...unknownNotes(dry),
    ...[...dry.promptTokens].map(([name, counted]) => `the prompt at ${name}: ${countText(counted)}`),
  ];
}

/** Who would be asked, and how its answer would be marked. */
function attemptNotes({ plan, configuration }: DryPlan): readonly string[] {
  const notes: string[] = [];
  const { candidates, usual } = plan;
  const [first] = candidates;
  if (candidates.length === 1) notes.push(`one candidate only: when ${first?.name} fails, the request fails`);
  if (candidates.length > MAX_ATTEMPTS) notes.push(`a request is sent to ${MAX_ATTEMPTS} candidates at most`);
  if (usual !== null && first !== undefined && first.name !== usual.name) {
    notes.push(`${usual.name} would be asked first, were nothing held against it`);
  }
  if (candidates.some(({ model }) => model !== usual?.model)) {
    notes.push(`an answer of another model than ${usual?.model} would be marked degraded (uncertified)`);
  }
  if (candidates.some(({ simulated }) => simulated)) {
    notes.push(`config ${configuration.hash} simulates providers: their prices are those of the real models`);
  }
  return notes;
}

function unknownNotes({ plan }: DryPlan): readonly string[] {
  const unmeasured = plan.inputs.candidates.filter(({ ttft }) => ttft === null).map(({ deployment }) => deployment);
  const windowless = plan.candidates.filter(
    ({ capabilities: { limits, features } }) => limits.contextTokens === null && !features.has('embeddings'),
  );
  return [
    ...(unmeasured.length === 0
      ? []
      : [`no times are measured yet for a prompt of this size on this route: ${unmeasured.join(', ')}`]),
    ...windowless.map(({ name }) => `the window of ${name} is not known: no prompt is too long for it beforehand`),
  ];
}

function countText({ count, method, errorBand, isLowerBound }: TokenCount): string {
  const band = method === 'exact' ? 'exactly' : `estimated, ±${Math.round(errorBand * 100)} %`;
  return `${isLowerBound ? 'more than ' : ''}${count} tokens (${band})`;
}
