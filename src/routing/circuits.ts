import type { Clock } from '../core/clock.ts';
import type { CircuitView } from '../core/decision.ts';
import { Circuit, type Admission, type CircuitTransition, type PassOutcome } from './circuit.ts';

export type { PassOutcome } from './circuit.ts';

/** A circuit that changed: for the decision log. */
export interface CircuitChange extends CircuitTransition {
  readonly deployment: string;
  /** The key as it is printed. */
  readonly key: string;
}

/** The permission to ask a deployment once. */
export interface Pass {
  /** Which of the deployment's keys is to be used. */
  readonly keyIndex: number;
  /** Whether it is the one request that finds out whether the upstream is well again. */
  readonly isProbe: boolean;
  /** Says that the upstream has begun to answer, which may take long. */
  spoke(): void;
  /** Says how it ended; only the first time counts. */
  settle(outcome: PassOutcome): void;
}

/** After that long without a request a circuit is forgotten: what it knew is older still. */
const IDLE_MS = 600_000;

interface Entry {
  readonly circuit: Circuit;
  readonly deployment: string;
  readonly key: string;
  usedMs: number;
}

/**
 * One circuit for each key of each deployment. Keys go by how they are printed (`String(secret)`), in order of
 * preference; one that was rejected less than a minute ago stands behind the others. What nobody asked for ten minutes is
 * forgotten, so that deployments of former configurations leave nothing behind.
 */
export class Circuits {
  readonly #clock: Clock;
  readonly #onChange: (change: CircuitChange) => void;
  readonly #entries = new Map<string, Map<string, Entry>>();

  constructor(clock: Clock, onChange: (change: CircuitChange) => void) {
    this.#clock = clock;
    this.#onChange = onChange;
  }

  /** The best there is among the keys: the one that may be asked now, else the one that may be asked soonest. */
  view(deployment: string, keys: readonly string[]): CircuitView {
    const known = this.#entries.get(deployment);
    let best: CircuitView | null = null;
    const now = this.#clock.now();
    for (const key of keys) {
      const entry = known?.get(key);
      if (entry === undefined) return NEVER_ASKED;
      entry.usedMs = now;
      const view = entry.circuit.view(now);
      if (view.state === 'closed') return view;
      if (best === null || isBetter(view, best)) best = view;
    }
    return best ?? NEVER_ASKED;
  }

  /** Lets a request through with the first key that may be used; `null`: nobody may ask it now. Claims the probe of a half-open circuit. */
  enter(deployment: string, keys: readonly string[]): Pass | null {
    const now = this.#clock.now();
    let hasRejected = false;
    for (let index = 0; index < keys.length; index++) {
      const entry = this.#entry(deployment, keys[index] ?? '', now);
      if (entry.circuit.isRejected(now)) {
        hasRejected = true;
        continue;
      }
      const admission = entry.circuit.enter(now);
      if (admission !== null) return new CircuitPass(index, admission, entry, this.#clock);
    }
    return hasRejected ? this.#enterRejected(deployment, keys, now) : null;
  }

  #enterRejected(deployment: string, keys: readonly string[], now: number): Pass | null {
    for (const [index, key] of keys.entries()) {
      const entry = this.#entry(deployment, key, now);
      const admission = entry.circuit.isRejected(now) ? entry.circuit.enter(now) : null;
      if (admission !== null) return new CircuitPass(index, admission, entry, this.#clock);
    }
    return null;
  }

  /** Closes the circuits of a deployment, or with `null` all of them, and forgets what was held against them. */
  reset(deployment: string | null): void {
    const now = this.#clock.now();
    for (const [name, keys] of this.#entries) {
      if (deployment !== null && name !== deployment) continue;
      for (const { circuit } of keys.values()) circuit.reset(now);
    }
  }

  /** Every circuit that was used lately. */
  list(): readonly (CircuitView & { readonly deployment: string; readonly key: string })[] {
    const now = this.#clock.now();
    this.#forgetIdle(now);
    return [...this.#entries.values()].flatMap((keys) =>
      [...keys.values()].map(({ deployment, key, circuit }) => ({ deployment, key, ...circuit.view(now) })),
    );
  }

  #entry(deployment: string, key: string, now: number): Entry {
    const known = this.#entries.get(deployment)?.get(key);
    if (known !== undefined) {
      known.usedMs = now;
      return known;
    }
    this.#forgetIdle(now);
    const onChange = (transition: CircuitTransition): void => this.#onChange({ deployment, key, ...transition });
    const entry: Entry = { circuit: new Circuit(onChange), deployment, key, usedMs: now };
    const keys = this.#entries.get(deployment) ?? new Map<string, Entry>();
    this.#entries.set(deployment, keys.set(key, entry));
    return entry;
  }

  #forgetIdle(now: number): void {
    for (const [deployment, keys] of this.#entries) {
      for (const { key, usedMs } of keys.values()) if (now - usedMs >= IDLE_MS) keys.delete(key);
      if (keys.size === 0) this.#entries.delete(deployment);
    }
  }
}

const NEVER_ASKED: CircuitView = { state: 'closed', reason: null, retry_in_ms: null };

/** Whether one that is not closed may be asked sooner than another. */
function isBetter(one: CircuitView, other: CircuitView): boolean {
  if (one.state === 'half_open' || other.state === 'half_open') return other.state !== 'half_open';
  return (one.retry_in_ms ?? Infinity) < (other.retry_in_ms ?? Infinity);
}

class CircuitPass implements Pass {
  readonly keyIndex: number;
  readonly #admission: Admission;
  readonly #entry: Entry;
  readonly #clock: Clock;
  #isSettled = false;

  constructor(keyIndex: number, admission: Admission, entry: Entry, clock: Clock) {
    this.keyIndex = keyIndex;
    this.#admission = admission;
    this.#entry = entry;
    this.#clock = clock;
  }

  get isProbe(): boolean {
    return this.#admission.isProbe;
  }

  spoke(): void {
    if (!this.#isSettled) this.#entry.circuit.spoke(this.#admission);
  }

  settle(outcome: PassOutcome): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    const now = this.#clock.now();
    this.#entry.usedMs = now;
    this.#entry.circuit.settle(this.#admission, outcome, now);
  }
}
