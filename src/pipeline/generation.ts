import { hash } from 'node:crypto';

import type { AdaptedRequest } from '../core/adapted-request.ts';
import type { Answer } from '../core/answer.ts';
import type { Deployment } from '../core/deployment.ts';
import type { GatewayError } from '../core/errors.ts';
import { failure, type Failure } from '../core/failure.ts';
import { sumNanoUsd, usdFromNano, type NanoUsd } from '../core/money.ts';
import {
  NOT_VALIDATED,
  UNKNOWN_CONFIDENCE,
  type Confidence,
  type DegradedReason,
  type FallbackNote,
  type GenerationRecord,
  type GenerationStatus,
  type IntentRecord,
  type RecordedHookRun,
  type Provenance,
} from '../core/record.ts';
import { sumUsage, type Usage } from '../core/usage.ts';
import type { Substitution } from '../prompts/adapt.ts';
import type { EncodedRequest } from '../providers/provider.ts';
import type { ExcludedCandidate } from '../routing/eligible.ts';
import type { Plan } from '../routing/plan.ts';
import { fieldLikelihoods } from './assess-confidence.ts';
import { Attempt } from './attempt.ts';
import type { Exchange, Steps } from './exchange.ts';
import { recordedAside, recordedAsides } from './recorded-aside.ts';
import { recordedCandidates, recordedDecision } from './recorded-decision.ts';
import { recordedParameters, recordedTags, recordedTerms } from './recorded-request.ts';
import { recordedUsage } from './recorded-usage.ts';
import { recordedValidation } from './recorded-validation.ts';
import { requestedFault } from './simulation.ts';
import { certificateOf, fallbackNote, isLastResort, isOtherModel, reasonToReplace } from './stand-in.ts';
import type { Turn } from './turn.ts';
import { whyServed } from './why.ts';

/** Data classes are not built yet: what every request carries is public. */
const DATA: readonly string[] = ['public'];

/** Everything known of one request so far; the source of its headers, its `candor` object and its record. */
export class Generation {
  readonly exchange: Exchange;
  readonly attempts: Attempt[] = [];
  plan: Plan | null = null;
  plannedAt: number | null = null;
  /** Whether a content byte has reached the client: from then on the last attempt's model is the author, come what may. */
  committed = false;
  /** The attempt whose answer is delivered, marked, although others were asked after it; `null`: there is none such. */
  delivered: Attempt | null = null;
  /** What the operator's hooks did for it, in order. */
  readonly hookRuns: RecordedHookRun[] = [];
  /** What was asked of others while it waited. */
  readonly asides: Generation[] = [];
  readonly #steps: Steps;
  readonly #createdAtMs: number;
  readonly #createdAt: string;
  readonly #requestHash: string;
  /** Candidates whose turn had come, and who could not be asked after all. */
  readonly passedOver: ExcludedCandidate[] = [];
  /** The record, once it was made. */
  recorded: GenerationRecord | null = null;

  constructor(exchange: Exchange, steps: Steps) {
    this.exchange = exchange;
    this.#steps = steps;
    this.#createdAtMs = steps.clock.wallTime();
    this.#createdAt = new Date(this.#createdAtMs).toISOString();
    this.#requestHash = hash('sha256', exchange.request.original.bytes);
  }

  get createdSeconds(): number {
    return Math.floor(this.#createdAtMs / 1000);
  }

  /** The attempt whose answer the client gets, or has begun to get; `null` when nobody answered. */
  get served(): Attempt | null {
    const last = this.delivered ?? this.attempts.at(-1) ?? null;
    return last === null || (last.failed !== null && !this.committed) ? null : last;
  }

  /** The attempt of whose answer is told how it was checked: the one that served, else the last. */
  get judged(): Attempt | null {
    return this.served ?? this.attempts.at(-1) ?? null;
  }

  planned(plan: Plan): Plan {
    this.plan = plan;
    this.plannedAt = this.#steps.clock.now();
    return plan;
  }

  /** Whom a deployment would stand in for; `null` when it is of the plan's first model. */
  substitutionBy(deployment: Deployment): Substitution | null {
    const { plan } = this;
    const { aside } = this.exchange;
    if (aside !== undefined && aside.inPlaceOf !== null) return { usualModel: aside.inPlaceOf, reason: aside.purpose };
    const usual = plan?.usual ?? null;
    if (plan === null || usual === null || usual.model === deployment.model) return null;
    return { usualModel: usual.model, reason: reasonToReplace(usual, plan, this.attempts, null) };
  }

  /** Begins the next attempt, which from here on is part of the story whatever comes of it. */
  beginAttempt(
    { deployment, credential, why }: Pick<Turn, 'deployment' | 'credential' | 'why'>,
    adapted: AdaptedRequest,
    encoded: EncodedRequest,
    continues: Attempt | null = null,
  ): Attempt {
    const { clock, simulator } = this.#steps;
    const attempt = new Attempt({
      number: this.attempts.length + 1,
      deployment,
      adapted,
      encoded,
      requestedFault: requestedFault(this.exchange.request, deployment),
      scriptedFault: simulator?.activeFault(deployment.provider, deployment.model) ?? null,
      startedAt: clock.now(),
      startedWallTimeMs: clock.wallTime(),
      credential,
      // One that is tried again although it misses an objective is asked first, as the usual one is.
      why: why === 'trial' ? 'primary' : why,
      continues,
      prices: this.#steps.prices,
    });
    this.attempts.push(attempt);
    return attempt;
  }

  /** Begins the attempt that goes on where the vendor paused in this one. */
  continueAttempt(paused: Attempt, encoded: EncodedRequest): Attempt {
    const { deployment, credential, why } = paused;
    return this.beginAttempt({ deployment, credential, why }, paused.adapted, encoded, paused);
  }

  /** Ends it with its answer or its failure. */
  endAttempt(attempt: Attempt, result: Answer | Failure): void {
    attempt.end(result, this.#steps.clock.now());
    const { usage } = attempt;
    if ('failure' in result || usage === null || attempt.continues !== null || this.exchange.aside !== undefined)
      return;
    const { tokens, answerLengths } = this.#steps;
    answerLengths.add(this.plan?.target.route?.name ?? null, attempt.deployment.name, usage.completionTokens);
    tokens.learn(attempt.prompt, attempt.deployment, usage.promptTokens);
  }

  /** Ends the attempt under way, if there is one: Candor itself has failed, and nobody answered. */
  breakAttempt(): void {
    const attempt = this.attempts.at(-1);
    if (attempt === undefined || attempt.failed !== null || attempt.answer !== null) return;
    this.endAttempt(attempt, failure('internal_error', 'Candor itself failed during the attempt'));
  }

  /** `null` when the usual model serves, from where it was picked. */
  fallback(): FallbackNote | null {
    return this.plan === null ? null : fallbackNote(this.plan, this.passedOver, this.attempts, this.served);
  }

  /** Who was not asked, and why: by the plan, or when the turn had come. */
  get excluded(): readonly ExcludedCandidate[] {
    return (this.plan?.excluded ?? []).concat(this.passedOver);
  }

  degraded(): { readonly reason: DegradedReason } | null {
    const { plan, served } = this;
    if (plan !== null && served !== null && isOtherModel(plan, served) && certificateOf(plan, served) === null) {
      return { reason: 'uncertified' };
    }
    if (isLastResort(plan, served)) return { reason: 'slo' };
    if (served?.skippedEvents) return { reason: 'event_skipped' };
    const status = served?.validation.status;
    if (status === 'failed') return { reason: 'validation_failed' };
    return status === 'unverified' ? { reason: 'unverified' } : null;
  }

  /** Cost of all attempts and asides; `null` when one of them is unknown. */
  get cost(): NanoUsd | null {
    return sumNanoUsd([...this.attempts, ...this.asides].map(({ cost }) => cost));
  }

  /** Tokens of the answer: of all its parts, where the vendor paused in it; `null`: not known. */
  get usage(): Usage | null {
    const { served } = this;
    let total = served?.usage ?? null;
    for (let part = served?.continues ?? null; part !== null; part = part.continues) {
      total = total === null || part.usage === null ? null : sumUsage(total, part.usage);
    }
    return total;
  }

  /** The same in USD. */
  costUsd(): number | null {
    return usdFromNano(this.cost);
  }

  get confidence(): Confidence {
    return this.judged?.confidence ?? UNKNOWN_CONFIDENCE;
  }

  get trace(): string {
    return this.#steps.traceBase + this.exchange.id;
  }

  provenance(): Provenance {
    const { plan, excluded, attempts, served } = this;
    const { asked } = this.exchange.request;
    return {
      asked,
      route: plan?.target.route?.name ?? null,
      served_by: served?.servedBy ?? null,
      simulated: this.attempts.some((attempt) => attempt.deployment.simulated),
      attempts: this.attempts.map((attempt) => attempt.summary()),
      fallback: this.fallback(),
      degraded: this.degraded(),
      adjustments: served?.adjustments ?? [],
      validation: this.judged?.validation ?? NOT_VALIDATED,
      confidence: { ...this.confidence, ...(served?.answer ? fieldLikelihoods(served.answer) : {}) },
      data: DATA,
      why: whyServed({ asked, plan, excluded, attempts, served }),
      trace: this.trace,
    };
  }

  intent(): IntentRecord {
    const { exchange } = this;
    return {
      id: exchange.id,
      object: 'intent',
      created_at: this.#createdAt,
      key: null,
      dialect: exchange.request.dialect,
      stream: exchange.request.stream,
      config: exchange.configuration.hash,
      asked: exchange.request.asked,
      route: this.plan?.target.route?.name ?? null,
      data: DATA,
      request: { sha256: this.#requestHash },
      plan: this.plan?.candidates.map((candidate) => candidate.name) ?? [],
      simulated: this.plan?.candidates.some((candidate) => candidate.simulated) ?? false,
      trace: this.trace,
      ...recordedAside(exchange.aside),
    };
  }

  /** @param provenance what the client is told of the same answer */
  record(status: GenerationStatus, http: number, error: GatewayError | null, provenance: Provenance): GenerationRecord {
    const { exchange } = this;
    const route = this.plan?.target.route ?? null;
    // Member by member: spreading makes an object that is slow to build and to write, once a request.
    this.recorded = {
      asked: provenance.asked,
      route: provenance.route,
      served_by: provenance.served_by,
      simulated: provenance.simulated,
      fallback: provenance.fallback,
      degraded: provenance.degraded,
      adjustments: provenance.adjustments,
      validation: recordedValidation(provenance.validation, exchange.request, route),
      confidence: this.confidence,
      data: provenance.data,
      why: provenance.why,
      trace: provenance.trace,
      id: exchange.id,
      object: 'generation',
      status,
      http,
      error: error === null ? null : { code: error.code, message: error.message },
      created_at: this.#createdAt,
      ended_at: new Date(this.#steps.clock.wallTime()).toISOString(),
      key: null,
      dialect: exchange.request.dialect,
      stream: exchange.request.stream,
      config: exchange.configuration.hash,
      request: {
        params: recordedParameters(exchange.request),
        tags: recordedTags(exchange.request),
        ...recordedTerms(exchange.request),
        body: null,
        sha256: this.#requestHash,
      },
      candidates: recordedCandidates(this.plan, this.excluded, this.attempts),
      decision: recordedDecision(this.plan),
      attempts: this.attempts.map((attempt) => attempt.record(route)),
      usage: recordedUsage(this.usage),
      cost: this.costUsd(),
      ...(this.hookRuns.length === 0 ? {} : { hooks: this.hookRuns }),
      ...recordedAsides(this.asides, exchange.aside),
    };
    return this.recorded;
  }
}
