import { numberMember, stringMember, type JsonObject } from '../core/json.ts';

/** One thing that speaks for or against an answer. */
export interface Feature {
  readonly name: string;
  /** Whether more of it can only speak for the answer (1) or only against it (-1). */
  readonly direction: 1 | -1;
  /** What it counts before there are labels: by hand. */
  readonly priorWeight: number;
  /** From the answer's signals; 0 says nothing either way; `null`: the signal is missing. */
  read(signals: JsonObject): number | null;
}

/** The values of `FEATURES`, in their order; `null`: missing, which counts as 0. */
export type FeatureVector = readonly (number | null)[];

/** A third stage of a trouble is as bad as any further one. */
const MOST = 3;

/** At most eight, in an order that does not change: a fitted score has a weight for each. */
export const FEATURES: readonly Feature[] = [
  {
    name: 'parse',
    direction: -1,
    priorWeight: 1,
    read: (signals) => scaled(numberMember(signals, 'parse_level')),
  },
  {
    name: 'cut',
    direction: -1,
    priorWeight: 2,
    read: (signals) => {
      const finish = stringMember(signals, 'finish');
      return finish === null ? null : finish === 'stop' || finish === 'tool_calls' ? 0 : 1;
    },
  },
  {
    name: 'trouble',
    direction: -1,
    priorWeight: 1.5,
    read: (signals) => scaled(sumOf(signals, 'retries', 'validators_flagged')),
  },
  { name: 'likelihood', direction: 1, priorWeight: 1, read: likelihood },
  {
    name: 'grounding',
    direction: 1,
    priorWeight: 2,
    read: (signals) => centred(numberMember(signals, 'grounding_coverage')),
  },
  {
    name: 'agreement',
    direction: 1,
    priorWeight: 2,
    read: (signals) => centred(numberMember(signals, 'agreement')),
  },
  {
    name: 'length',
    direction: -1,
    priorWeight: 0.5,
    read: (signals) => {
      const z = numberMember(signals, 'length_z');
      return z === null ? null : scaled(Math.abs(z));
    },
  },
  {
    name: 'hook',
    direction: 1,
    priorWeight: 2,
    read: (signals) => centred(numberMember(signals, 'hook')),
  },
];

/** What an answer's signals say. Signals that no feature reads change nothing. */
export function featuresOf(signals: JsonObject): FeatureVector {
  return FEATURES.map((feature) => feature.read(signals));
}

/**
 * Whether a label is a validator's (`validator:<id>`). It would confirm itself, since what validators found is among the features; and
 * if it counted where they found nothing, only their good labels would.
 */
export function isCircular(source: string): boolean {
  return source.startsWith('validator:');
}

/** 0 to 1. */
function scaled(value: number | null): number | null {
  return value === null ? null : Math.min(MOST, Math.max(0, value)) / MOST;
}

/** -1 to 1, from a share. */
function centred(share: number | null): number | null {
  return share === null ? null : Math.min(1, Math.max(0, share)) * 2 - 1;
}

function sumOf(signals: JsonObject, ...names: readonly string[]): number | null {
  const known = names.map((name) => numberMember(signals, name)).filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0);
}

/** The mean of the likelihood of the mean token and of the least likely window, about 0. */
function likelihood(signals: JsonObject): number | null {
  const shares = [numberMember(signals, 'mean_logprob'), numberMember(signals, 'min_window_logprob')]
    .filter((logprob) => logprob !== null)
    .map((logprob) => Math.exp(logprob));
  return shares.length === 0 ? null : centred(shares.reduce((sum, share) => sum + share, 0) / shares.length);
}
