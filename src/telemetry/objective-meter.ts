import type { Objective, ObjectiveEvidence, ObjectiveName } from '../core/objective.ts';
import { decayFactor, HALF_LIVES, type HalfLives } from './decay.ts';
import { ALARM, allowedShare, detectorSteps, isAlarmed, isMet, TRIAL_SIZE } from './judge-objective.ts';
import type { Observation } from './observation.ts';

/** How an objective stands otherwise than before. */
export type ObjectiveTurn = 'missed' | 'met';

/** What is kept of a meter. */
export interface MeterState {
  readonly name: ObjectiveName;
  readonly limit: number;
  readonly n: number;
  readonly misses: number;
  readonly cusum: number;
  readonly was_missed: boolean;
  readonly trial: Tally;
  readonly latest: Tally;
}

interface Tally {
  readonly n: number;
  readonly misses: number;
}

const NONE: Tally = { n: 0, misses: 0 };
/** How many observations of its own it takes where other sizes of prompts meet the objective again. */
const OWN_AFTER_OTHERS = 4;
/** At most so much of what may miss the objective is used up by trials, were they all to miss it. */
const TRIED_SHARE_OF_ALLOWED = 0.4;
/** The same for attempts that fail: the next candidate answers instead. */
const TRIED_SHARE_OF_FAILURES = 1;
const FEWEST_TRIED = 0.01;
const MOST_TRIED = 0.25;

/**
 * Counts how often one objective is missed at one candidate. The counts decay in wall-clock time; those of a trial do
 * not. The times given to it must not go back.
 */
export class ObjectiveMeter {
  readonly name: ObjectiveName;
  readonly limit: number;
  readonly #halfLifeMs: number;
  readonly #allowedShare: number;
  readonly #steps: { readonly miss: number; readonly hit: number };
  #n = 0;
  #misses = 0;
  #cusum = 0;
  #wasMissed = false;
  #trial = NONE;
  /** How many of the trial's observations were made with prompts of other sizes. */
  #ofOthers = 0;
  /** Since the detector was last at 0: what came after the change, when it turns out that there was one. */
  #latest = NONE;
  #atMs: number;

  constructor({ name, limit }: Pick<Objective, 'name' | 'limit'>, nowMs: number, halfLives: HalfLives = HALF_LIVES) {
    this.name = name;
    this.limit = limit;
    this.#halfLifeMs = name === 'valid_rate' ? halfLives.slowMs : halfLives.fastMs;
    this.#allowedShare = allowedShare(name, limit);
    this.#steps = detectorSteps(name, limit);
    this.#atMs = nowMs;
  }

  static from(state: MeterState, atMs: number, halfLives: HalfLives = HALF_LIVES): ObjectiveMeter {
    const meter = new ObjectiveMeter(state, atMs, halfLives);
    meter.#n = state.n;
    meter.#misses = state.misses;
    meter.#cusum = state.cusum;
    meter.#wasMissed = state.was_missed;
    meter.#trial = state.trial;
    meter.#latest = state.latest;
    return meter;
  }

  get isMissed(): boolean {
    return this.#wasMissed;
  }

  /**
   * Counts one observation. When the objective stands otherwise since then, that is pending until `turn()`: the evidence is
   * still what a judge comes to the same end by.
   */
  record(isMiss: boolean, nowMs: number): ObjectiveTurn | null {
    this.#advance(nowMs);
    const misses = isMiss ? 1 : 0;
    this.#n++;
    this.#misses += misses;
    if (this.#wasMissed) {
      this.#countTrial(misses);
      return isMet(this.#counts()) === true ? 'met' : null;
    }
    this.#detect(isMiss, misses);
    if (isMet(this.#counts()) !== false) return null;
    // What came before a sudden change says nothing of what is now.
    if (isAlarmed({ cusum: this.#cusum })) ({ n: this.#n, misses: this.#misses } = this.#latest);
    return 'missed';
  }

  /** How many of the last observations show what is pending; `null`: all there are. */
  shownByLast(): number | null {
    if (this.#wasMissed) return this.#trial.n - this.#ofOthers;
    return isAlarmed({ cusum: this.#cusum }) ? this.#latest.n : null;
  }

  /** Makes what is pending so. */
  turn(): void {
    if (this.#wasMissed) ({ n: this.#n, misses: this.#misses } = this.#trial);
    this.#wasMissed = !this.#wasMissed;
    this.#trial = NONE;
    this.#ofOthers = 0;
    this.#latest = NONE;
    this.#cusum = 0;
  }

  /**
   * Which share of the requests may try a candidate that misses it: so few that trials alone do not make the route miss it,
   * and twice as many after each that went well, up to one in four.
   */
  trialShare(): number {
    const { n, misses } = this.#trial;
    const ofAllowed = this.name === 'error_rate' ? TRIED_SHARE_OF_FAILURES : TRIED_SHARE_OF_ALLOWED;
    const first = Math.max(FEWEST_TRIED, ofAllowed * this.#allowedShare);
    const goesWell = n > 0 && misses / n <= this.#allowedShare;
    return Math.min(MOST_TRIED, goesWell ? first * 2 ** n : first);
  }

  /**
   * Takes account of what befell prompts of another size, which mostly has befallen them all: where those miss the objective
   * one miss more is enough, where they meet it again a few observations are.
   */
  hearOf(turn: ObjectiveTurn): void {
    if (turn === 'missed' && !this.#wasMissed) this.#cusum = Math.max(this.#cusum, ALARM - this.#steps.miss);
    if (turn === 'met' && this.#wasMissed) {
      this.#ofOthers = Math.max(0, TRIAL_SIZE - OWN_AFTER_OTHERS - this.#trial.n);
      this.#trial = { n: this.#trial.n + this.#ofOthers, misses: this.#trial.misses };
    }
  }

  /** @param value the measured figure in the limit's unit; `undefined`: the share that was counted here */
  evidence(value: number | null | undefined, nowMs: number): ObjectiveEvidence {
    this.#advance(nowMs);
    return {
      name: this.name,
      limit: this.limit,
      value: value === undefined ? this.#share() : value,
      n: rounded(this.#n),
      misses: rounded(this.#misses),
      cusum: rounded(this.#cusum),
      was_missed: this.#wasMissed,
      trial: this.#trial,
    };
  }

  state(nowMs: number): MeterState {
    this.#advance(nowMs);
    return { ...this.#counts(), latest: this.#latest };
  }

  #counts(): Omit<MeterState, 'latest'> {
    return {
      name: this.name,
      limit: this.limit,
      n: this.#n,
      misses: this.#misses,
      cusum: this.#cusum,
      was_missed: this.#wasMissed,
      trial: this.#trial,
    };
  }

  #share(): number | null {
    if (this.#n === 0) return null;
    const missed = this.#misses / this.#n;
    return rounded(this.name === 'valid_rate' ? 1 - missed : missed);
  }

  #detect(isMiss: boolean, misses: number): void {
    this.#cusum = Math.max(0, this.#cusum + (isMiss ? this.#steps.miss : this.#steps.hit));
    this.#latest = this.#cusum === 0 ? NONE : { n: this.#latest.n + 1, misses: this.#latest.misses + misses };
  }

  #countTrial(misses: number): void {
    const trial = { n: this.#trial.n + 1, misses: this.#trial.misses + misses };
    const isHopeless = trial.misses / Math.max(trial.n, TRIAL_SIZE) > this.#allowedShare;
    this.#trial = isHopeless ? NONE : trial;
    if (isHopeless) this.#ofOthers = 0;
  }

  #advance(nowMs: number): void {
    if (nowMs <= this.#atMs) return;
    const factor = decayFactor(nowMs - this.#atMs, this.#halfLifeMs);
    this.#n *= factor;
    this.#misses *= factor;
    this.#atMs = nowMs;
  }
}

/**
 * Whether an observation missed the objective; `null`: it says nothing about it. Who waited longer than the limit for an
 * answer that never came has seen a miss; who left earlier has seen nothing.
 */
export function isMissOf({ name, limit }: Pick<Objective, 'name' | 'limit'>, observation: Observation): boolean | null {
  const { ttftMs, wholeMs, waitedMs, tokensPerSecond, outcome, valid } = observation;
  switch (name) {
    case 'ttft_p95':
      if (ttftMs !== null) return ttftMs > limit;
      // Of an answer that came whole it may not be known which side of the limit it was on.
      if (wholeMs !== null) return wholeMs.earliest > limit ? true : wholeMs.latest <= limit ? false : null;
      return waitedMs !== null && waitedMs > limit ? true : null;
    case 'tokens_per_second':
      return tokensPerSecond === null ? null : tokensPerSecond < limit;
    case 'error_rate':
      return outcome === 'limited' || outcome === 'neutral' ? null : outcome === 'failed';
    case 'valid_rate':
      return valid === null ? null : !valid;
    case 'cost_per_request':
      return null;
  }
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
