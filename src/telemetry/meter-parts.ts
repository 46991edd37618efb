import { DecayingTally } from './decaying-tally.ts';
import type { HalfLives } from './decay.ts';
import { LogHistogram, TOKENS_PER_SECOND_RANGE } from './log-histogram.ts';
import type { ObjectiveMeter } from './objective-meter.ts';
import { SIZE_BUCKETS } from './observation.ts';

/** What changes within minutes. */
export type FastCount = 'attempts' | 'whole' | 'answered' | 'failed' | 'began' | 'stalled';
/** What changes within days. Costs in nano-USD. */
export type SlowCount =
  | 'valid'
  | 'checked'
  | 'answers'
  | 'accepted'
  | 'refused'
  | 'repaired'
  | 'measured'
  | 'tokens'
  | 'cost'
  | 'priced'
  | 'unpriced';

/** What is measured of prompts of one size. */
export interface SizeMeters {
  readonly ttft: LogHistogram;
  meters: ObjectiveMeter[];
}

/** The parts of `RouteMeters`, which a snapshot holds. */
export interface MeterParts {
  readonly fast: DecayingTally<FastCount>;
  readonly errors: DecayingTally<string>;
  readonly slow: DecayingTally<SlowCount>;
  readonly speed: LogHistogram;
  /** By size bucket; `null`: nothing was measured. */
  readonly sizes: (SizeMeters | null)[];
  meters: ObjectiveMeter[];
}

/** Parts that hold nothing yet. */
export function emptyParts(nowMs: number, { fastMs, slowMs }: HalfLives): MeterParts {
  return {
    fast: new DecayingTally(fastMs, nowMs),
    errors: new DecayingTally(fastMs, nowMs),
    slow: new DecayingTally(slowMs, nowMs),
    speed: new LogHistogram(TOKENS_PER_SECOND_RANGE, fastMs, nowMs),
    sizes: Array.from({ length: SIZE_BUCKETS.length + 1 }, () => null),
    meters: [],
  };
}
