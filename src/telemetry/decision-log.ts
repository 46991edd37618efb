import type { Clock } from '../core/clock.ts';

/** Something that changed whom requests are sent to. */
export interface DecisionChange {
  readonly kind: 'circuit' | 'objective' | 'shadow';
  readonly deployment: string;
  /** `null`: whatever the route. */
  readonly route: string | null;
  /** A word of a fixed list: the circuit's new state, `<objective> missed` and `<objective> met`, or why shadows are dropped. */
  readonly what: string;
  /** Why, in numbers. */
  readonly reason: string;
  /** Of a circuit: the deployment's key as it is printed, `none` where it needs none. */
  readonly key?: string;
  /** How long until it may be asked again; left out where nothing is waited for. */
  readonly retry_in_ms?: number;
}

/** The same as it is listed. */
export interface DecisionEntry extends DecisionChange {
  /** ISO 8601. */
  readonly at: string;
  /** Each process decides by what it has seen itself. */
  readonly pid: number;
}

const CAPACITY = 500;

/** The latest of what changed whom requests are sent to. */
export class DecisionLog {
  readonly #clock: Pick<Clock, 'wallTime'>;
  readonly #onEntry: (entry: DecisionEntry) => void;
  readonly #entries: DecisionEntry[] = [];

  /** @param onEntry is told of each as it comes */
  constructor(clock: Pick<Clock, 'wallTime'>, onEntry: (entry: DecisionEntry) => void) {
    this.#clock = clock;
    this.#onEntry = onEntry;
  }

  add(change: DecisionChange): void {
    const entry = { at: new Date(this.#clock.wallTime()).toISOString(), ...change, pid: process.pid };
    this.#entries.push(entry);
    if (this.#entries.length > CAPACITY) this.#entries.shift();
    this.#onEntry(entry);
  }

  /** The newest first, at most so many, none from before `sinceMs` (milliseconds since 1970). */
  list({ sinceMs, limit }: { readonly sinceMs: number; readonly limit: number }): readonly DecisionEntry[] {
    return this.#entries
      .filter(({ at }) => Date.parse(at) >= sinceMs)
      .slice(-limit)
      .toReversed();
  }
}
