import type { ObjectiveVerdict } from '../core/decision.ts';
import type { Objective, ObjectiveEvidence } from '../core/objective.ts';
import { type HalfLives, NEGLIGIBLE } from './decay.ts';
import { judgeObjective } from './judge-objective.ts';
import { bucketCount, LogHistogram, quantileOf, TTFT_RANGE_MS } from './log-histogram.ts';
import { emptyParts, type MeterParts, type SizeMeters } from './meter-parts.ts';
import { isMissOf, ObjectiveMeter, type ObjectiveTurn } from './objective-meter.ts';
import { type Observation, sizeBucket } from './observation.ts';
import type { DeploymentSummary, MeasuredShare } from './summary.ts';

/** An objective that stands otherwise since the observation. */
export interface TurnedObjective {
  readonly objective: ObjectiveVerdict;
  readonly change: ObjectiveTurn;
  /** The size bucket of `ttft_p95`; `null`: of any size. */
  readonly bucket: number | null;
}

/** Accepted answers that are assumed before the first one, so that a few do not decide. */
const ASSUMED_ACCEPTED = 2;
const NO_TURNS: readonly TurnedObjective[] = [];

/** Everything that is measured of one deployment on one route. The times given to it must not go back. */
export class RouteMeters {
  readonly parts: MeterParts;
  readonly #halfLives: HalfLives;
  lastUsedMs: number;

  constructor(nowMs: number, halfLives: HalfLives, parts: MeterParts = emptyParts(nowMs, halfLives)) {
    this.parts = parts;
    this.#halfLives = halfLives;
    this.lastUsedMs = nowMs;
  }

  /**
   * @param isTold whether `firstContent` was told of its first content
   * @returns the objectives that it made stand otherwise than before
   */
  record(
    observation: Observation,
    objectives: readonly Objective[],
    nowMs: number,
    isTold: boolean,
  ): readonly TurnedObjective[] {
    this.lastUsedMs = nowMs;
    this.#countOutcome(observation, nowMs);
    this.#countQuality(observation, nowMs);
    const bucket = sizeBucket(observation.promptTokens);
    this.#countSpeed(observation, bucket, nowMs, isTold);
    let turns = NO_TURNS;
    for (const objective of objectives) {
      const isMiss = isTold && objective.name === 'ttft_p95' ? null : isMissOf(objective, observation);
      const turned = isMiss === null ? null : this.#meterObjective(objective, isMiss, bucket, nowMs);
      if (turned !== null) turns = [...turns, turned];
    }
    return turns;
  }

  /** Counts the time to the first content of an attempt that goes on. @returns as `record` does */
  firstContent(
    ttftMs: number,
    bucket: number,
    objectives: readonly Objective[],
    nowMs: number,
  ): readonly TurnedObjective[] {
    this.lastUsedMs = nowMs;
    this.#size(bucket, nowMs).ttft.record(ttftMs, nowMs);
    const objective = objectives.find(({ name }) => name === 'ttft_p95');
    const turned = objective && this.#meterObjective(objective, ttftMs > objective.limit, bucket, nowMs);
    return turned ? [turned] : NO_TURNS;
  }

  /** Which share of the requests may try the candidate; 0: it misses nothing. */
  trialShare(objectives: readonly Objective[], bucket: number): number {
    let share = 0;
    for (const objective of objectives) {
      const meter = this.meter(objective, bucket);
      if (meter?.isMissed === true) share = Math.min(share || 1, meter.trialShare());
    }
    return share;
  }

  evidence(objective: Objective, bucket: number, nowMs: number): ObjectiveEvidence | null {
    const value = this.#valueOf(objective, bucket, nowMs);
    return this.meter(objective, bucket)?.evidence(value, nowMs) ?? null;
  }

  /** `null`: there is no observation of it. */
  meter({ name, limit }: Pick<Objective, 'name' | 'limit'>, bucket: number): ObjectiveMeter | null {
    const meters = name === 'ttft_p95' ? this.parts.sizes[bucket]?.meters : this.parts.meters;
    return meters?.find((meter) => meter.name === name && meter.limit === limit) ?? null;
  }

  ttft(bucket: number): LogHistogram | null {
    return this.parts.sizes[bucket]?.ttft ?? null;
  }

  /** How many answers came whole, of which the time to the first content is not measured. */
  wholeAnswers(nowMs: number): number {
    return this.parts.fast.get('whole', nowMs);
  }

  /** Tokens of an answer, on average; `null`: none was measured. */
  outputTokens(nowMs: number): number | null {
    const { slow } = this.parts;
    const n = slow.get('measured', nowMs);
    return n < NEGLIGIBLE ? null : round(slow.get('tokens', nowMs) / n, 10);
  }

  /** More than 0; 1 while nothing is measured. */
  acceptedShare(nowMs: number): number {
    const { slow } = this.parts;
    const accepted = slow.get('accepted', nowMs) + ASSUMED_ACCEPTED;
    return round(accepted / (slow.get('answers', nowMs) + ASSUMED_ACCEPTED), 10_000);
  }

  /** Whether anything is left of what was measured. */
  isAlive(nowMs: number): boolean {
    const { fast, slow } = this.parts;
    return fast.get('attempts', nowMs) > 0 || slow.get('answers', nowMs) > 0;
  }

  summary(deployment: string, route: string | null, nowMs: number): DeploymentSummary {
    const { fast, slow, speed, errors } = this.parts;
    const answered = fast.get('answered', nowMs);
    const failed = fast.get('failed', nowMs);
    const answers = slow.get('answers', nowMs);
    const priced = slow.get('priced', nowMs);
    return {
      deployment,
      route,
      n: round(fast.get('attempts', nowMs), 100),
      ttft: this.#ttftOfAnySize(nowMs),
      tokens_per_second: { n: round(speed.total(nowMs), 100), p50: rounded(speed.quantile(0.5, nowMs)) },
      error_rate: shareOf(failed, answered + failed),
      stall_rate: shareOf(fast.get('stalled', nowMs), fast.get('began', nowMs)),
      valid_rate: shareOf(slow.get('valid', nowMs), slow.get('checked', nowMs)),
      refusal_rate: shareOf(slow.get('refused', nowMs), answers),
      repair_rate: shareOf(slow.get('repaired', nowMs), answers),
      errors: Object.fromEntries([...errors.entries(nowMs)].map(([kind, n]) => [kind, round(n, 100)])),
      cost_per_accepted: {
        n: round(priced, 100),
        nano_usd: priced < NEGLIGIBLE ? null : Math.round(slow.get('cost', nowMs) / priced),
        unpriced: round(slow.get('unpriced', nowMs), 100),
      },
    };
  }

  #ttftOfAnySize(nowMs: number): DeploymentSummary['ttft'] {
    const counts = new Float64Array(bucketCount(TTFT_RANGE_MS));
    for (const size of this.parts.sizes) size?.ttft.addTo(counts, nowMs);
    const n = counts.reduce((sum, count) => sum + count, 0);
    const at = (share: number): number | null =>
      n < NEGLIGIBLE ? null : round(quantileOf(counts, n * share, TTFT_RANGE_MS), 10);
    return { n: round(n, 100), p50_ms: at(0.5), p95_ms: at(0.95), p99_ms: at(0.99) };
  }

  #countOutcome({ outcome, failureKind, ttftMs, wholeMs, streamed, stalled }: Observation, nowMs: number): void {
    const { fast, errors } = this.parts;
    fast.add('attempts', 1, nowMs);
    if (wholeMs !== null) fast.add('whole', 1, nowMs);
    if (outcome === 'failed') fast.add('failed', 1, nowMs);
    else if (isAnswer(outcome)) fast.add('answered', 1, nowMs);
    if (streamed && (ttftMs !== null || stalled)) fast.add('began', 1, nowMs);
    if (streamed && stalled) fast.add('stalled', 1, nowMs);
    if (failureKind !== null && (outcome === 'failed' || outcome === 'limited')) errors.add(failureKind, 1, nowMs);
  }

  #countQuality(observation: Observation, nowMs: number): void {
    const { outcome, valid, repaired, completionTokens, costNanoUsd } = observation;
    const { slow } = this.parts;
    if (valid !== null) {
      slow.add('checked', 1, nowMs);
      if (valid) slow.add('valid', 1, nowMs);
    }
    if (costNanoUsd === null) slow.add('unpriced', 1, nowMs);
    else slow.add('cost', costNanoUsd, nowMs);
    if (!isAnswer(outcome)) return;
    slow.add('answers', 1, nowMs);
    if (outcome === 'refused') slow.add('refused', 1, nowMs);
    if (repaired) slow.add('repaired', 1, nowMs);
    if (outcome === 'accepted') {
      slow.add('accepted', 1, nowMs);
      if (costNanoUsd !== null) slow.add('priced', 1, nowMs);
    }
    if (completionTokens !== null) {
      slow.add('measured', 1, nowMs);
      slow.add('tokens', completionTokens, nowMs);
    }
  }

  #countSpeed(observation: Observation, bucket: number, nowMs: number, isTold: boolean): void {
    const { ttftMs, tokensPerSecond } = observation;
    if (tokensPerSecond !== null) this.parts.speed.record(tokensPerSecond, nowMs);
    if (isTold) return;
    const measuredMs = ttftMs ?? this.#leastTtftMs(observation, bucket, nowMs);
    if (measuredMs !== null) this.#size(bucket, nowMs).ttft.record(measuredMs, nowMs);
  }

  /**
   * What the time to the first content was at least, of an attempt that was given up before; `null`: nothing worth knowing.
   * Only who waited longer than usual, or for as long as was allowed, learnt something; the others would pass for fast answers.
   */
  #leastTtftMs({ waitedMs, outcome }: Observation, bucket: number, nowMs: number): number | null {
    if (waitedMs === null) return null;
    const usualMs = this.ttft(bucket)?.quantile(0.5, nowMs) ?? null;
    const isTelling = usualMs === null ? outcome === 'failed' : waitedMs > usualMs;
    return isTelling ? waitedMs : null;
  }

  #meterObjective(objective: Objective, isMiss: boolean, bucket: number, nowMs: number): TurnedObjective | null {
    const meter = this.meter(objective, bucket) ?? this.#newMeter(objective, bucket, nowMs);
    const change = meter.record(isMiss, nowMs);
    if (change === null) return null;
    const shown = meter.shownByLast();
    if (shown !== null) this.#histogramOf(objective, bucket)?.restart(shown, nowMs);
    const verdict = judgeObjective(meter.evidence(this.#valueOf(objective, bucket, nowMs), nowMs));
    meter.turn();
    if (objective.name === 'ttft_p95') {
      for (const size of this.parts.sizes) {
        const other = size?.meters.find(({ name, limit }) => name === meter.name && limit === meter.limit);
        if (other !== meter) other?.hearOf(change);
      }
    }
    return { objective: verdict, change, bucket: objective.name === 'ttft_p95' ? bucket : null };
  }

  /** Two limits of one name are kept, for requests that began before a reload; those of older configurations go. */
  #newMeter(objective: Objective, bucket: number, nowMs: number): ObjectiveMeter {
    const owner = objective.name === 'ttft_p95' ? this.#size(bucket, nowMs) : this.parts;
    const meter = new ObjectiveMeter(objective, nowMs, this.#halfLives);
    const ofName = owner.meters.filter(({ name }) => name === objective.name);
    owner.meters = [...owner.meters.filter((other) => other !== ofName.at(-2)), meter];
    return meter;
  }

  #size(bucket: number, nowMs: number): SizeMeters {
    return (this.parts.sizes[bucket] ??= {
      ttft: new LogHistogram(TTFT_RANGE_MS, this.#halfLives.fastMs, nowMs),
      meters: [],
    });
  }

  #histogramOf({ name }: Objective, bucket: number): LogHistogram | null {
    if (name === 'ttft_p95') return this.ttft(bucket);
    return name === 'tokens_per_second' ? this.parts.speed : null;
  }

  /** The measured figure of an objective; `undefined`: its meter has it. */
  #valueOf(objective: Objective, bucket: number, nowMs: number): number | null | undefined {
    if (objective.name === 'error_rate' || objective.name === 'valid_rate') return undefined;
    const quantile = objective.name === 'ttft_p95' ? 0.95 : 0.5;
    return rounded(this.#histogramOf(objective, bucket)?.quantile(quantile, nowMs) ?? null);
  }
}

function isAnswer(outcome: Observation['outcome']): boolean {
  return outcome === 'accepted' || outcome === 'invalid' || outcome === 'refused';
}

function shareOf(part: number, n: number): MeasuredShare {
  return { n: round(n, 100), share: n < NEGLIGIBLE ? null : round(part / n, 10_000) };
}

function rounded(value: number | null): number | null {
  return value === null ? null : round(value, 10);
}

function round(value: number, steps: number): number {
  return Math.round(value * steps) / steps;
}
