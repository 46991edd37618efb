import { certificateFor, type DecisionInputs } from '../../core/decision.ts';
import type { Deployment } from '../../core/deployment.ts';
import type { TokenCount } from '../../tokens/token-count.ts';
import { askingValidators } from '../asking-validators.ts';
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
    ...hookNotes(dry),
    ...asideNotes(dry),
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
  const uncertified = candidates.filter((each) => usual !== null && isUncertified(each, usual, plan.inputs));
  if (uncertified.length > 0) {
    const who = uncertified.map(({ name }) => name).join(', ');
    notes.push(`an answer of ${who} in the place of ${usual?.model} would be marked degraded (uncertified)`);
  }
  if (candidates.some(({ simulated }) => simulated)) {
    notes.push(`config ${configuration.hash} simulates providers: their prices are those of the real models`);
  }
  return notes;
}

function isUncertified({ name, model }: Deployment, usual: Deployment, { candidates }: DecisionInputs): boolean {
  const inputs = candidates.find(({ deployment }) => deployment === name);
  return model !== usual.model && (inputs === undefined || certificateFor(usual.model, inputs) === null);
}

/** A dry run calls no function of the config, which may change what is said here. */
function hookNotes({ request, plan, configuration }: DryPlan): readonly string[] {
  const { task, prompt, params } = configuration.hooks;
  const models = new Set(plan.candidates.map(({ model }) => model));
  const left = [
    ...(task !== null && request.asked === 'auto' && request.directives.route === null ? [task] : []),
    ...[...models].flatMap((model) => [prompt.get(model) ?? [], params.get(model) ?? []].flat()),
  ];
  return left.length === 0 ? [] : [`not called in a dry run: ${left.map(({ at }) => at).join(', ')}`];
}

function asideNotes({ plan: { target } }: DryPlan): readonly string[] {
  const asking = target.route === null ? [] : askingValidators(target.route);
  return asking.length === 0 ? [] : [`not in the costs: what other models are asked (${asking.join(', ')})`];
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
