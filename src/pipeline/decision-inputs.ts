import type { ChatRequest } from '../core/chat.ts';
import type { CandidateInputs, CircuitView, DecisionInputs } from '../core/decision.ts';
import type { Deployment } from '../core/deployment.ts';
import type { Hooks } from '../core/hooks.ts';
import type { Objective } from '../core/objective.ts';
import type { Route } from '../core/route.ts';
import { sizeBucket } from '../telemetry/observation.ts';
import type { Eligible } from '../routing/eligible.ts';
import { roughPromptTokens } from '../routing/rough-size.ts';
import type { Exchange, Steps } from './exchange.ts';

/** What a dry run assumes instead of what is so. */
export interface Assumptions {
  /** `null`: as it is. */
  circuit(deployment: Deployment): CircuitView | null;
}

const AS_IT_IS: Assumptions = { circuit: () => null };

/** What Candor itself asks uses up nobody's trial, as a dry run does not. */
export function assumptionsOf({ aside }: Pick<Exchange, 'aside'>): Assumptions | null {
  return aside === undefined ? null : AS_IT_IS;
}

/** Where a measurement was made. */
interface Place {
  readonly route: string | null;
  readonly deployment: string;
  readonly bucket: number;
}

/**
 * Gathers what a decision is made from, as it is at this moment. What has no bearing on it is not looked up.
 * @param assumptions of a dry run, which also wants to know what has no bearing; `null`: in earnest
 */
export function decisionInputs(
  request: ChatRequest,
  eligible: Eligible,
  hooks: Hooks,
  steps: Steps,
  assumptions: Assumptions | null = null,
): DecisionInputs {
  const { route } = eligible.target;
  const tokens = roughPromptTokens(request);
  const bucket = sizeBucket(tokens);
  const gatherer = new Gatherer(route, hooks, tokens, bucket, steps, assumptions);
  return {
    pick: route?.pick ?? 'ordered',
    objective_policy: route?.objectivePolicy ?? 'best_effort',
    fallback: eligible.fallback,
    draw: steps.draw(),
    candidates: eligible.candidates.map((deployment) => gatherer.candidate(deployment, eligible)),
  };
}

const NOBODY: Pick<CandidateInputs, 'stands_in'> = {};
const NO_OBJECTIVES: readonly Objective[] = [];

class Gatherer {
  readonly #route: Route | null;
  readonly #hooks: Hooks;
  readonly #tokens: number;
  readonly #bucket: number;
  readonly #steps: Steps;
  readonly #assumptions: Assumptions | null;
  readonly #objectives: readonly Objective[];
  readonly #needsPrice: boolean;
  readonly #needsSpeed: boolean;

  constructor(
    route: Route | null,
    hooks: Hooks,
    tokens: number,
    bucket: number,
    steps: Steps,
    assumptions: Assumptions | null,
  ) {
    this.#route = route;
    this.#hooks = hooks;
    this.#tokens = tokens;
    this.#bucket = bucket;
    this.#steps = steps;
    this.#assumptions = assumptions;
    this.#objectives = route?.objectives ?? NO_OBJECTIVES;
    const isDry = assumptions !== null;
    this.#needsSpeed = isDry || route?.pick === 'fastest';
    this.#needsPrice =
      isDry || route?.pick === 'cheapest' || this.#objectives.some(({ name }) => name === 'cost_per_request');
  }

  candidate(deployment: Deployment, eligible: Eligible): CandidateInputs {
    const { telemetry } = this.#steps;
    const at: Place = { route: this.#route?.name ?? null, deployment: deployment.name, bucket: this.#bucket };
    const shares = this.#route === null || this.#route.sharedModels.has(deployment.model);
    return {
      deployment: deployment.name,
      model: deployment.model,
      shares,
      weight: this.#route?.weights.get(deployment.name) ?? 1,
      circuit: this.#assumptions?.circuit(deployment) ?? this.#steps.circuits.view(deployment.name, keysOf(deployment)),
      price: this.#needsPrice ? this.#price(deployment) : null,
      tokens: { in: this.#tokens, out: this.#needsPrice ? telemetry.outputTokens(at) : null },
      accepted_share: this.#needsPrice ? telemetry.acceptedShare(at) : 1,
      ttft: this.#needsSpeed ? telemetry.ttft(at) : null,
      load: shares ? telemetry.load(deployment.name, this.#bucket) : null,
      objectives: this.#objectives.map((objective) => telemetry.evidence(at, objective)),
      trial_due: this.#trialDue(at),
      ...this.#standsIn(deployment, eligible),
    };
  }

  /** Where the order is the config's, only its first model can be the usual one. */
  #standsIn(deployment: Deployment, { candidates, fallback }: Eligible): Pick<CandidateInputs, 'stands_in'> {
    const route = this.#route;
    if (route === null || fallback === 'off') return NOBODY;
    const usual = new Map<string, Deployment>();
    for (const each of candidates) {
      if (!usual.has(each.model)) usual.set(each.model, each);
      if (route.pick === 'ordered') break;
    }
    usual.delete(deployment.model);
    if (usual.size === 0) return NOBODY;
    const { scopes, certificates } = this.#steps;
    return {
      stands_in: [...usual.values()].map((from) => {
        const { certificate, state, reason } = certificates.standing(
          scopes.substitution(route, this.#hooks, from, deployment),
        );
        return { for: from.model, certificate, state, reason };
      }),
    };
  }

  /** A dry run lets nobody through: to ask would use up the turn of a request. */
  #trialDue(at: Place): boolean {
    const picksByMeasure = this.#route?.pick === 'fastest' || this.#route?.pick === 'cheapest';
    if (this.#assumptions !== null || (this.#objectives.length === 0 && !picksByMeasure)) return false;
    return this.#steps.telemetry.trialDue(at, this.#objectives, this.#steps.draw());
  }

  #price(deployment: Deployment): CandidateInputs['price'] {
    const rates = deployment.price?.ratesAt(this.#steps.clock.wallTime(), this.#tokens) ?? null;
    return rates === null || rates.input === null || rates.output === null
      ? null
      : { in: rates.input, out: rates.output };
  }
}

const NO_KEY: readonly string[] = ['none'];

/** The names under which the circuits know the keys of a deployment, in order of preference. */
export function keysOf({ credentials }: Deployment): readonly string[] {
  return credentials.length === 0 ? NO_KEY : credentials.map(String);
}
