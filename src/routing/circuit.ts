import { wilsonLowerBound } from '../telemetry/wilson.ts';
import type { CircuitState, CircuitView } from '../core/decision.ts';
import { RollingCount } from './rolling-count.ts';

/** How an attempt ended, as its circuit sees it. Whatever the upstream itself answered is `ok`; `neutral` says nothing of it. */
export type PassOutcome =
  | { readonly kind: 'ok' }
  | { readonly kind: 'failed'; readonly reason: string }
  /** The upstream does not take the key: wrong, or without money. */
  | { readonly kind: 'rejected_key'; readonly reason: string }
  /** The upstream asks to be left alone (429); `null`: it does not say for how long. */
  | { readonly kind: 'limited'; readonly retryAfterMs: number | null }
  | { readonly kind: 'neutral' };

/** From one state to another: for the decision log. */
export interface CircuitTransition {
  readonly from: CircuitState;
  readonly to: CircuitState;
  /** Why, in numbers. */
  readonly reason: string;
  /** How long until it may be asked again; `null` when it may be asked now. */
  readonly retry_in_ms: number | null;
}

/** What one request has of a circuit: whether it came as its probe, and in which of its times. */
export interface Admission {
  readonly isProbe: boolean;
  readonly epoch: number;
}

const WINDOW_SECONDS = 30;
const FEWEST_SAMPLES = 8;
const HIGHEST_FAILED_SHARE = 0.2;
const FIRST_OPEN_MS = 5000;
const LONGEST_OPEN_MS = 20_000;
const LONGEST_COOLING_MS = 300_000;
const KEY_REJECTED_MS = 60_000;
/** After that the request that came as a probe is thought to be lost. */
const PROBE_LAPSES_MS = 120_000;

const CLOSED: CircuitView = { state: 'closed', reason: null, retry_in_ms: null };

/**
 * Keeps requests away from an upstream that fails. It opens when, of at least 8 calls in 30 s, surely more than a fifth
 * failed, or when the latest 8 all did, so that much health before does not hide an outage; for 5 s, then 10, then 20.
 * Then one request finds out whether it is well again. A vendor that is short of capacity is left alone as long as it asks.
 */
export class Circuit {
  readonly #onChange: (transition: CircuitTransition) => void;
  readonly #ok = new RollingCount(WINDOW_SECONDS);
  readonly #failed = new RollingCount(WINDOW_SECONDS);
  #failedInRow = 0;
  /** Grows as it opens and closes: what began before says nothing of now. */
  #epoch = 0;
  #isOpen = false;
  #openUntilMs = 0;
  #failedProbes = 0;
  #reason = '';
  #probe: Admission | null = null;
  #probeSinceMs = 0;
  /** 0: it was not asked for. */
  #coolUntilMs = 0;
  #rejectedUntilMs = 0;

  constructor(onChange: (transition: CircuitTransition) => void) {
    this.#onChange = onChange;
  }

  /** Whether its key was rejected lately. */
  isRejected(now: number): boolean {
    return now < this.#rejectedUntilMs;
  }

  view(now: number): CircuitView {
    if (!this.#isOpen && this.#coolUntilMs === 0) return CLOSED;
    const untilMs = Math.max(this.#isOpen ? this.#openUntilMs : 0, this.#coolUntilMs);
    if (now < untilMs) {
      const isOpen = this.#isOpen && now < this.#openUntilMs;
      const reason = isOpen ? this.#reason : COOLING_REASON;
      return { state: isOpen ? 'open' : 'cooling', reason, retry_in_ms: Math.ceil(untilMs - now) };
    }
    if (!this.#isOpen) return CLOSED;
    if (!this.#hasProbe(now)) return { state: 'half_open', reason: this.#reason, retry_in_ms: null };
    return { state: 'open', reason: `${this.#reason}; a request is finding out about it now`, retry_in_ms: null };
  }

  /** Lets a request through; `null`: it may not be asked now. Of a half-open circuit the first one becomes its probe. */
  enter(now: number): Admission | null {
    if (this.#coolUntilMs !== 0) {
      if (now < this.#coolUntilMs) return null;
      this.#coolUntilMs = 0;
      if (!this.#isOpen) this.#tell('cooling', 'closed', 'the time it asked for has passed', null);
    }
    if (!this.#isOpen) return { isProbe: false, epoch: this.#epoch };
    if (now < this.#openUntilMs || this.#hasProbe(now)) return null;
    this.#probe = { isProbe: true, epoch: this.#epoch };
    this.#probeSinceMs = now;
    this.#tell('open', 'half_open', this.#reason, null);
    return this.#probe;
  }

  /** A probe that is being answered keeps nobody out until its stream has ended: the next one may find out as well. */
  spoke(admission: Admission): void {
    if (this.#probe === admission) this.#probe = null;
  }

  /** Counts how the attempt ended. Must be told once. */
  settle(admission: Admission, outcome: PassOutcome, now: number): void {
    const isOfNow = admission.epoch === this.#epoch;
    if (this.#probe === admission) this.#probe = null;
    switch (outcome.kind) {
      case 'ok':
        if (isOfNow) this.#answered(now);
        break;
      case 'limited':
        if (isOfNow && this.#isOpen) this.#close('half_open', 'its probe was answered (429)');
        this.#cool(outcome.retryAfterMs ?? 0, now);
        break;
      case 'rejected_key':
        this.#rejectedUntilMs = now + KEY_REJECTED_MS;
        if (isOfNow) this.#fail(outcome.reason, now);
        break;
      case 'failed':
        if (isOfNow) this.#fail(outcome.reason, now);
        break;
      case 'neutral':
        break;
    }
  }

  /** Forgets everything that is held against it. */
  reset(now: number): void {
    const { state } = this.view(now);
    this.#coolUntilMs = 0;
    this.#rejectedUntilMs = 0;
    this.#close(state, 'reset');
  }

  #hasProbe(now: number): boolean {
    return this.#probe !== null && now - this.#probeSinceMs < PROBE_LAPSES_MS;
  }

  #answered(now: number): void {
    if (this.#isOpen) {
      this.#close('half_open', 'its probe was answered');
      return;
    }
    this.#failedInRow = 0;
    this.#ok.add(now);
  }

  #fail(reason: string, now: number): void {
    if (this.#isOpen) {
      this.#failedProbes++;
      this.#open('half_open', `its probe failed (${reason}), ${this.#failedProbes} in a row`, now);
      return;
    }
    this.#failed.add(now);
    this.#failedInRow++;
    const failed = this.#failed.sum(now);
    const samples = failed + this.#ok.sum(now);
    if (this.#failedInRow >= FEWEST_SAMPLES) {
      this.#open('closed', `${FEWEST_SAMPLES} of the latest ${FEWEST_SAMPLES} calls failed (${reason})`, now);
    } else if (samples >= FEWEST_SAMPLES && wilsonLowerBound(failed, samples) > HIGHEST_FAILED_SHARE) {
      this.#open('closed', `${failed} of ${samples} calls in ${WINDOW_SECONDS} s failed (the last: ${reason})`, now);
    }
  }

  #open(from: CircuitState, reason: string, now: number): void {
    const openMs = Math.min(LONGEST_OPEN_MS, FIRST_OPEN_MS * 2 ** this.#failedProbes);
    this.#isOpen = true;
    this.#openUntilMs = now + openMs;
    this.#reason = reason;
    this.#epoch++;
    this.#tell(from, 'open', reason, openMs);
  }

  #close(from: CircuitState, reason: string): void {
    this.#isOpen = false;
    this.#failedProbes = 0;
    this.#failedInRow = 0;
    this.#ok.clear();
    this.#failed.clear();
    this.#probe = null;
    this.#epoch++;
    if (from !== 'closed') this.#tell(from, 'closed', reason, null);
  }

  #cool(retryAfterMs: number, now: number): void {
    const coolMs = Math.min(LONGEST_COOLING_MS, retryAfterMs);
    if (!(coolMs > 0)) return;
    const isNews = now >= this.#coolUntilMs && !this.#isOpen;
    this.#coolUntilMs = Math.max(this.#coolUntilMs, now + coolMs);
    if (isNews) this.#tell('closed', 'cooling', COOLING_REASON, Math.ceil(coolMs));
  }

  #tell(from: CircuitState, to: CircuitState, reason: string, retryInMs: number | null): void {
    this.#onChange({ from, to, reason, retry_in_ms: retryInMs });
  }
}

const COOLING_REASON = 'it asked to be left alone (429)';
