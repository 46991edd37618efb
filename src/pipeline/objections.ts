import type { Deployment } from '../core/deployment.ts';
import type { CandidateReason } from '../core/record.ts';
import { roughPromptTokens } from '../routing/rough-size.ts';
import { MEASURED_FROM, sizeBucket } from '../telemetry/observation.ts';
import type { CostCeiling } from './cost-ceiling.ts';
import type { Deadline } from './deadline.ts';
import type { Steps } from './exchange.ts';
import type { Generation } from './generation.ts';

/** What objections are made from. */
export interface ObjectionsContext {
  readonly generation: Generation;
  readonly deadline: Deadline;
  readonly ceiling: CostCeiling;
  readonly steps: Pick<Steps, 'telemetry'>;
}

/** Why a candidate of the plan is not asked when its turn comes, whatever its circuit. */
export class Objections {
  readonly #context: ObjectionsContext;
  /** Models whose safety refused. */
  readonly #refusedBy = new Set<string>();

  constructor(context: ObjectionsContext) {
    this.#context = context;
  }

  /** What a model's safety refused, it refuses wherever it runs. */
  refusedBy(model: string): void {
    this.#refusedBy.add(model);
  }

  /** The first reason against asking it; `null`: there is none. */
  against(deployment: Deployment): CandidateReason | null {
    return this.#refused(deployment) ?? this.#tooLate(deployment) ?? this.tooDear(deployment);
  }

  /** Why it may not be asked for its cost; `null`: it may. */
  tooDear(deployment: Deployment): CandidateReason | null {
    const { ceiling, generation } = this.#context;
    return ceiling.refusal(deployment, generation.attempts, generation.asides);
  }

  #refused({ model }: Deployment): CandidateReason | null {
    if (!this.#refusedBy.has(model)) return null;
    return { rule: 'content_filter', need: 'another_model', have: model, evidence: null, at: null };
  }

  /** It makes no sense to begin with one that would not have spoken before the deadline; the first is always asked. */
  #tooLate(deployment: Deployment): CandidateReason | null {
    const { generation, deadline, steps } = this.#context;
    if (generation.attempts.length === 0) return null;
    const ttft = steps.telemetry.ttft({
      route: generation.plan?.target.route?.name ?? null,
      deployment: deployment.name,
      bucket: sizeBucket(roughPromptTokens(generation.exchange.request)),
    });
    const remainingMs = deadline.remainingMs();
    if (ttft === null || ttft.n < MEASURED_FROM || ttft.p50_ms <= remainingMs) return null;
    return { rule: 'deadline', need: Math.round(remainingMs), have: ttft.p50_ms, evidence: 'measured', at: null };
  }
}
