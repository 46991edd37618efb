import { decayFactor, NEGLIGIBLE } from './decay.ts';

/** Each bucket is 6 % wider than the one before: its middle is within 3 % of whatever is in it. */
const GROWTH = 1.06;
const LOG_GROWTH = Math.log(GROWTH);
/** Multiplying every count is not worth it for less: within it the weight of a value changes by 0.2 % at most. */
const TICK_MS = 1000;
/** How many of the last values are kept as they came, for a new beginning. */
const RECENT = 16;

/** A range of values; whatever lies beyond an end counts as that end. */
export interface ValueRange {
  readonly lowest: number;
  readonly highest: number;
}

export const TTFT_RANGE_MS: ValueRange = { lowest: 1, highest: 600_000 };
export const TOKENS_PER_SECOND_RANGE: ValueRange = { lowest: 0.1, highest: 100_000 };

/** What is kept of a histogram: pairs of bucket and count, and the last values, the oldest first. */
export interface HistogramState {
  readonly counts: readonly (readonly [bucket: number, count: number])[];
  readonly recent: readonly number[];
}

/**
 * The distribution of a positive value, with counts that decay in wall-clock time; quantiles are within 3 % of the true
 * ones. The times given to it must not go back.
 */
export class LogHistogram {
  readonly #range: ValueRange;
  readonly #halfLifeMs: number;
  readonly #counts: Float64Array;
  readonly #recent = new Float64Array(RECENT);
  #recorded = 0;
  #total = 0;
  #atMs: number;

  constructor(range: ValueRange, halfLifeMs: number, nowMs: number) {
    this.#range = range;
    this.#halfLifeMs = halfLifeMs;
    this.#counts = new Float64Array(bucketCount(range));
    this.#atMs = nowMs;
  }

  /** What `state()` gave for the same range; `null` when it cannot be that. */
  static from(state: HistogramState, range: ValueRange, halfLifeMs: number, atMs: number): LogHistogram | null {
    const histogram = new LogHistogram(range, halfLifeMs, atMs);
    for (const [bucket, count] of state.counts) {
      if (!Number.isInteger(bucket) || bucket < 0 || bucket >= histogram.#counts.length || !(count >= 0)) return null;
      histogram.#counts[bucket] = count;
      histogram.#total += count;
    }
    for (const value of state.recent) histogram.#recent[histogram.#recorded++ % RECENT] = value;
    return histogram;
  }

  record(value: number, nowMs: number): void {
    this.#advance(nowMs);
    this.#count(value);
    this.#recent[this.#recorded++ % RECENT] = value;
  }

  /** How many values, decayed. */
  total(nowMs: number): number {
    this.#advance(nowMs);
    return this.#total;
  }

  /** The value that this share of all values does not exceed; `null` when there are none. */
  quantile(share: number, nowMs: number): number | null {
    this.#advance(nowMs);
    return this.#total < NEGLIGIBLE ? null : quantileOf(this.#counts, this.#total * share, this.#range);
  }

  /** Forgets all but the last values: so many of them, as far as they are kept (16). */
  restart(count: number, nowMs: number): void {
    this.#counts.fill(0);
    this.#total = 0;
    this.#atMs = nowMs;
    const kept = Math.min(count, this.#recorded, RECENT);
    for (let back = kept; back >= 1; back--) this.#count(this.#recent[(this.#recorded - back) % RECENT] ?? 0);
  }

  state(nowMs: number): HistogramState {
    this.#advance(nowMs);
    const counts: (readonly [number, number])[] = [];
    this.#counts.forEach((count, bucket) => {
      const rounded = Math.round(count * 10_000) / 10_000;
      if (rounded > 0) counts.push([bucket, rounded]);
    });
    const kept = Math.min(this.#recorded, RECENT);
    const recent = Array.from(
      { length: kept },
      (_, index) => this.#recent[(this.#recorded - kept + index) % RECENT] ?? 0,
    );
    return { counts, recent };
  }

  /** Adds its counts, decayed to now, to those of others of the same range. */
  addTo(sum: Float64Array, nowMs: number): void {
    this.#advance(nowMs);
    this.#counts.forEach((count, bucket) => {
      sum[bucket] = (sum[bucket] ?? 0) + count;
    });
  }

  #count(value: number): void {
    const { lowest, highest } = this.#range;
    const within = Math.min(highest, Math.max(lowest, value));
    const bucket = Math.min(this.#counts.length - 1, Math.floor(Math.log(within / lowest) / LOG_GROWTH));
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#total++;
  }

  #advance(nowMs: number): void {
    const elapsedMs = nowMs - this.#atMs;
    if (elapsedMs < TICK_MS) return;
    this.#atMs = nowMs;
    if (this.#total === 0) return;
    const factor = decayFactor(elapsedMs, this.#halfLifeMs);
    const counts = this.#counts;
    let total = 0;
    for (let bucket = 0; bucket < counts.length; bucket++) {
      const left = (counts[bucket] ?? 0) * factor;
      counts[bucket] = left < NEGLIGIBLE ? 0 : left;
      total += counts[bucket] ?? 0;
    }
    this.#total = total;
  }
}

/** How many buckets a histogram of this range has. */
export function bucketCount({ lowest, highest }: ValueRange): number {
  return Math.ceil(Math.log(highest / lowest) / LOG_GROWTH);
}

/** The middle of the bucket in which the counts, added up from the lowest, reach `rank`. */
export function quantileOf(counts: Float64Array, rank: number, { lowest, highest }: ValueRange): number {
  let sum = 0;
  let last = 0;
  for (let bucket = 0; bucket < counts.length; bucket++) {
    const count = counts[bucket] ?? 0;
    if (count === 0) continue;
    sum += count;
    last = bucket;
    if (sum >= rank) break;
  }
  return Math.min(highest, lowest * GROWTH ** (last + 0.5));
}
