import { drawn, PURPOSE } from './random.ts';

export type ArmName = 'small' | 'middle' | 'large' | 'bargain';

/** How a deployment fails where it does: refuses the connection, says nothing, or answers 500 to a share of the requests. */
export type Fault = 'refuses' | 'silent' | { readonly failedShare: number };

/** Something that changes at one arm, for a time. */
export interface Change {
  readonly arm: ArmName;
  readonly fromMs: number;
  readonly untilMs: number;
  readonly ttftFactor?: number;
  readonly ttftAddedMs?: number;
  readonly priceFactor?: number;
  /** Share of its right answers that are right still. */
  readonly rightFactor?: number;
  /** How long `rightFactor` takes to come about. */
  readonly rampMs?: number;
  readonly fault?: Fault;
}

/** One row of CRITERIA.md. */
export interface WorldDescription {
  readonly name: string;
  readonly part: 'tuning' | 'held-out';
  readonly arms: readonly ArmName[];
  readonly requestsPerSecond: number;
  changes(between: Between): readonly Change[];
}

/** Draws evenly between two minutes; gives milliseconds. `nth` tells the draws of one world apart. */
export type Between = (nth: number, fromMinute: number, untilMinute: number) => number;

export const MINUTE_MS = 60_000;
export const WORLD_MS = 120 * MINUTE_MS;

const ARMS: readonly ArmName[] = ['small', 'middle', 'large'];
const ARMS_AND_BARGAIN: readonly ArmName[] = [...ARMS, 'bargain'];

/** The draws of one seed. */
export function betweenOf(seed: number): Between {
  return (nth, fromMinute, untilMinute) =>
    MINUTE_MS * (fromMinute + (untilMinute - fromMinute) * drawn(seed, PURPOSE.event, nth));
}

function lasting(fromMs: number, lengthMs: number): { readonly fromMs: number; readonly untilMs: number } {
  return { fromMs, untilMs: fromMs + lengthMs };
}

const TUNING: readonly Omit<WorldDescription, 'part'>[] = [
  { name: 'stationary', arms: ARMS, requestsPerSecond: 1, changes: () => [] },
  {
    name: 'spike',
    arms: ARMS,
    requestsPerSecond: 1,
    changes: (between) => [{ arm: 'small', ...lasting(between(0, 20, 60), between(1, 15, 40)), ttftFactor: 12 }],
  },
  {
    name: 'outage-refused',
    arms: ARMS,
    requestsPerSecond: 1,
    changes: (between) => [{ arm: 'small', ...lasting(between(0, 20, 60), between(1, 10, 30)), fault: 'refuses' }],
  },
  {
    name: 'slow-burn',
    arms: ARMS,
    requestsPerSecond: 1,
    changes: (between) => [
      { arm: 'small', fromMs: between(0, 20, 40), untilMs: Infinity, rightFactor: 0.55, rampMs: 60 * MINUTE_MS },
    ],
  },
  {
    name: 'price-up',
    arms: ARMS,
    requestsPerSecond: 1,
    changes: (between) => [{ arm: 'small', fromMs: between(0, 30, 70), untilMs: Infinity, priceFactor: 6 }],
  },
  {
    name: 'peak',
    arms: ARMS,
    requestsPerSecond: 1,
    changes: () =>
      [30, 80].map((minute): Change => ({
        arm: 'small',
        ...lasting(minute * MINUTE_MS, 20 * MINUTE_MS),
        priceFactor: 2,
        ttftAddedMs: 7_000,
      })),
  },
  {
    name: 'all-slow',
    arms: ARMS,
    requestsPerSecond: 1,
    changes(between) {
      const time = lasting(between(0, 30, 60), between(1, 15, 25));
      return ARMS.map((arm) => ({ arm, ...time, ttftFactor: 12 }));
    },
  },
  { name: 'bargain', arms: ARMS_AND_BARGAIN, requestsPerSecond: 1, changes: () => [] },
];

const HELD_OUT: readonly Omit<WorldDescription, 'part'>[] = [
  { name: 'stationary-quiet', arms: ARMS, requestsPerSecond: 0.5, changes: () => [] },
  {
    name: 'spikes-short',
    arms: ARMS,
    requestsPerSecond: 1,
    changes: (between) =>
      [0, 1, 2, 3, 4].map((fifth): Change => {
        const lengthMs = between(2 * fifth, 3, 6);
        // Anywhere in its fifth of the run, but wholly.
        const fromMs = between(2 * fifth + 1, 24 * fifth, 24 * (fifth + 1) - lengthMs / MINUTE_MS);
        return { arm: 'small', ...lasting(fromMs, lengthMs), ttftAddedMs: 3_000 };
      }),
  },
  {
    name: 'outage-silent',
    arms: ARMS,
    requestsPerSecond: 1,
    changes: (between) => [{ arm: 'small', ...lasting(between(0, 20, 60), between(1, 10, 30)), fault: 'silent' }],
  },
  {
    name: 'quality-break',
    arms: ARMS,
    requestsPerSecond: 1,
    changes: (between) => [{ arm: 'small', ...lasting(between(0, 30, 60), 40 * MINUTE_MS), rightFactor: 0.4 }],
  },
  {
    name: 'price-down',
    arms: ARMS,
    requestsPerSecond: 1,
    changes: (between) => [{ arm: 'middle', ...lasting(between(0, 20, 50), 50 * MINUTE_MS), priceFactor: 0.2 }],
  },
  {
    name: 'peak-dear',
    arms: ARMS,
    requestsPerSecond: 1,
    changes: (between) => [
      { arm: 'small', ...lasting(between(0, 30, 40), 40 * MINUTE_MS), priceFactor: 4, ttftFactor: 15 },
    ],
  },
  {
    name: 'all-bad',
    arms: ARMS,
    requestsPerSecond: 1,
    changes(between) {
      const time = lasting(between(0, 30, 60), between(1, 15, 25));
      return [
        { arm: 'small', ...time, fault: 'silent' },
        { arm: 'middle', ...time, ttftFactor: 15 },
        { arm: 'large', ...time, fault: { failedShare: 0.3 } },
      ];
    },
  },
  {
    name: 'brownout',
    arms: ARMS_AND_BARGAIN,
    requestsPerSecond: 1,
    changes: (between) => [
      { arm: 'small', ...lasting(between(0, 20, 50), between(1, 20, 40)), fault: { failedShare: 0.3 } },
    ],
  },
];

/** Every world of CRITERIA.md, in its order. */
export const WORLDS: readonly WorldDescription[] = [
  ...TUNING.map((world) => ({ ...world, part: 'tuning' as const })),
  ...HELD_OUT.map((world) => ({ ...world, part: 'held-out' as const })),
];
