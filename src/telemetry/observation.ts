/** How an attempt ended, as the meters see it. */
export type ObservedOutcome =
  | 'accepted'
  /** Answered, but not acceptable. */
  | 'invalid'
  /** The vendor's safety refused. */
  | 'refused'
  /** The upstream failed. */
  | 'failed'
  /** The upstream said that we ask too much: capacity, not illness. */
  | 'limited'
  /** Neither to its credit nor against it: the client went, or its own request was at fault. */
  | 'neutral';

/** One attempt, when it has ended. */
export interface Observation {
  readonly deployment: string;
  readonly model: string;
  /** `null`: the client named a model. */
  readonly route: string | null;
  /** Of the prompt, as roughly as a decision counts them, so that both look into the same bucket. */
  readonly promptTokens: number;
  readonly streamed: boolean;
  readonly outcome: ObservedOutcome;
  /** The failure's kind; `null`: it gave an answer. */
  readonly failureKind: string | null;
  /** Milliseconds to the first content of a stream; `null`: no content came, or the answer came whole. */
  readonly ttftMs: number | null;
  /**
   * Between which milliseconds the first content of an answer was ready that came whole: at the latest when it came, at
   * the earliest so long before as its tokens take at a slow pace. `null`: a stream, or nothing came.
   */
  readonly wholeMs: { readonly earliest: number; readonly latest: number } | null;
  /** How long it was waited for a first content that never came; `null`: it came, or the attempt failed otherwise. */
  readonly waitedMs: number | null;
  /** Of a stream, from its first content to its last; `null`: not known, or too short to tell. */
  readonly tokensPerSecond: number | null;
  readonly completionTokens: number | null;
  /** The stream fell silent in its midst. */
  readonly stalled: boolean;
  /** Whether the answer kept to what was asked of it; `null`: nobody checked. */
  readonly valid: boolean | null;
  readonly repaired: boolean;
  /** `null`: not known. */
  readonly costNanoUsd: number | null;
  readonly durationMs: number;
  readonly simulated: boolean;
  /** Why the attempt was made. */
  readonly why: 'primary' | 'retry' | 'fallback' | 'trial' | 'reask';
}

/** So many observations, decayed, make a figure to be gone by; with fewer a candidate counts as not measured. */
export const MEASURED_FROM = 8;

/** Upper ends of the buckets of prompts by size, in tokens; the last has none. */
export const SIZE_BUCKETS = [500, 2_000, 8_000, 32_000] as const;

/** The bucket of a prompt: 0 is the smallest. */
export function sizeBucket(promptTokens: number): number {
  const index = SIZE_BUCKETS.findIndex((end) => promptTokens < end);
  return index < 0 ? SIZE_BUCKETS.length : index;
}
