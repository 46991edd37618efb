import type { Adjustment } from './adjustment.ts';
import type { DecisionInputs } from './decision.ts';
import type { DialectId } from './chat.ts';
import type { UpstreamError } from './failure.ts';
import type { HookRun } from './hook-run.ts';
import type { JsonObject, JsonValue } from './json.ts';
import type { Usage } from './usage.ts';

/**
 * The shapes a client reads: the `candor` object of an answer and the record behind
 * `GET /v1/generations/{id}`. Members keep their wire names (snake_case); money is USD.
 */

/** One attempt as the `candor` object shows it. */
export interface AttemptSummary {
  readonly deployment: string;
  readonly status: number | null;
  /** `ok`, or the failure's code without `upstream_`. */
  readonly kind: string;
  readonly ms: number;
  readonly cost: number | null;
}

export interface FallbackNote {
  readonly reason: string;
  readonly certificate: string | null;
}

export type DegradedReason = 'uncertified' | 'validation_failed' | 'unverified' | 'slo' | 'event_skipped';

export type VerdictOutcome = 'pass' | 'fail' | 'abstain';

export interface Verdict {
  readonly validator: string;
  readonly outcome: VerdictOutcome;
  /** Why it failed or abstained, in words that quote neither the question nor the answer; `null` for a pass. */
  readonly reason: string | null;
  /** Where in the answer: `text:120-141` (UTF-16 offsets, end exclusive), `tool_calls[0].arguments`, a JSON pointer; absent: all of it. */
  readonly place?: string;
  /** What shows it, which may quote people and models: told to the client, and kept where content is kept. Absent: nothing; `null`: it is not kept. */
  readonly evidence?: readonly JsonValue[] | null;
}

export type ValidationStatus = 'passed' | 'repaired' | 'failed' | 'unverified' | 'pending' | 'none';

export interface Validation {
  readonly status: ValidationStatus;
  readonly verdicts: readonly Verdict[];
}

/** What stands where nothing was checked. */
export const NOT_VALIDATED: Validation = { status: 'none', verdicts: [] };

export interface Confidence {
  readonly value: number | null;
  readonly status: 'calibrated' | 'transferred' | 'uncalibrated' | 'unknown';
  readonly signals: JsonObject;
  /** The value is surely not less; and how many labels it rests on. Absent where there is no value. */
  readonly lower95?: number;
  readonly n?: number;
  /**
   * How likely each value of the answer's JSON was to its own model, by JSON pointer: no probability of being right. Told to
   * the client and not recorded, as names of members may be somebody's words. Absent: the vendor gives no likelihoods.
   */
  readonly fields?: Readonly<Record<string, { readonly likelihood: number; readonly margin: number | null }>>;
}

/** What stands where nobody can tell. */
export const UNKNOWN_CONFIDENCE: Confidence = { value: null, status: 'unknown', signals: {} };

/** The `candor` member of an answer: who wrote it, why, with what changes, at what cost. */
export interface Provenance {
  /** What the client put in `model`; `null` when the request could not be read so far. */
  readonly asked: string | null;
  readonly route: string | null;
  readonly served_by: string | null;
  readonly simulated: boolean;
  readonly attempts: readonly AttemptSummary[];
  readonly fallback: FallbackNote | null;
  readonly degraded: { readonly reason: DegradedReason } | null;
  readonly adjustments: readonly Adjustment[];
  readonly validation: Validation;
  readonly confidence: Confidence;
  readonly data: readonly string[];
  readonly why: string;
  readonly trace: string;
}

export interface CandidateReason {
  readonly rule: string;
  readonly need: JsonValue;
  readonly have: JsonValue;
  readonly evidence: string | null;
  readonly at: string | null;
}

export interface CandidateRecord {
  readonly deployment: string;
  readonly verdict: 'tried' | 'eligible' | 'excluded';
  readonly reasons: readonly CandidateReason[];
}

/** A body that lies in the content store; the record itself keeps its commitment only. */
export interface ContentReference {
  /** The exact text of the socket; `null` unless content is kept. */
  readonly body: string | null;
  /** SHA-256 of the body's bytes, hexadecimal. */
  readonly sha256: string | null;
}

export interface AttemptTimings {
  readonly queue: number | null;
  readonly connect: number | null;
  readonly headers: number | null;
  readonly first_token: number | null;
  readonly last: number | null;
  readonly total: number;
}

export interface RecordedUsage {
  readonly prompt_tokens: number | null;
  readonly completion_tokens: number | null;
  readonly total_tokens: number | null;
  readonly cached_tokens: number | null;
  readonly cache_write_tokens: number | null;
  readonly reasoning_tokens: number | null;
  readonly source: Usage['source'];
}

export interface AttemptRecord extends AttemptSummary {
  readonly n: number;
  readonly why: 'primary' | 'retry' | 'fallback' | 'reask';
  readonly model_asked: string;
  readonly model_reported: string | null;
  readonly region_reported: string | null;
  /** Hash of the prompt texts that Candor added, with the brief; `null` when it added none. */
  readonly template: string | null;
  readonly sent: ContentReference;
  readonly received: ContentReference;
  readonly usage: RecordedUsage | null;
  /** The price in force, USD per million tokens, and the arithmetic of the cost. */
  readonly price: JsonObject | null;
  readonly finish: string | null;
  readonly finish_native: string | null;
  readonly upstream: { readonly request_id: string | null; readonly error: UpstreamError | null };
  readonly possibly_billed: boolean;
  readonly timings_ms: AttemptTimings;
  readonly sim_fault: string | null;
  readonly adjustments: readonly Adjustment[];
  readonly validation: Validation;
  readonly flags: readonly string[];
}

/** What a decision was made from and what came of it: the same inputs give the same order again. */
export interface DecisionRecord {
  readonly inputs: DecisionInputs;
  readonly order: readonly string[];
  readonly usual: string | null;
  /** The rules that were evaluated for `model: auto`, in order. */
  readonly rules: readonly TriedRule[];
}

/** One rule, as it was evaluated for one request. */
export interface TriedRule {
  readonly at: string;
  readonly when: string | null;
  readonly outcome: 'matched' | 'no' | 'failed';
  /** Why it could not be evaluated; `null`: it could. */
  readonly problem: string | null;
}

export type GenerationStatus = 'running' | 'complete' | 'failed' | 'cancelled' | 'interrupted';

/** One call of a hook, and for which attempt; `null`: before the first. */
export interface RecordedHookRun extends HookRun {
  readonly attempt: number | null;
}

/** What a client asked for besides its question, wherever it said so; what it did not say is absent. */
export interface RecordedTerms {
  readonly directives?: {
    readonly fallback?: string;
    readonly timeout_ms?: number;
    readonly max_cost_usd?: number | null;
  };
  /** Headers of its own protocol, which its vendor was sent too. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A question of Candor's own; `deployment`: who answered it, `null`: nobody. */
export interface RecordedAside {
  readonly id: string;
  readonly purpose: string;
  readonly deployment: string | null;
  readonly cost: number | null;
}

/** The whole story of one request. `chain` is added when it is read back from the ledger. */
export interface GenerationRecord extends Omit<Provenance, 'attempts'> {
  readonly id: string;
  readonly object: 'generation';
  readonly status: GenerationStatus;
  readonly http: number;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly created_at: string;
  readonly ended_at: string | null;
  /** The name of the key that asked; `null` when none are configured. */
  readonly key: string | null;
  readonly dialect: DialectId;
  readonly stream: boolean;
  readonly config: string;
  readonly request: ContentReference &
    RecordedTerms & { readonly params: JsonObject; readonly tags: Readonly<Record<string, string>> };
  readonly candidates: readonly CandidateRecord[];
  /** `null`: the request ended before anything was decided. */
  readonly decision: DecisionRecord | null;
  readonly attempts: readonly AttemptRecord[];
  readonly usage: RecordedUsage | null;
  readonly cost: number | null;
  /** What the operator's hooks did; absent: none was called. */
  readonly hooks?: readonly RecordedHookRun[];
  /** What others were asked while it waited: each has a record of its own, and its cost (USD) is in `cost`. Absent: nothing. */
  readonly asides?: readonly RecordedAside[];
  /** Set where Candor itself asked, and about which generation; absent: a client did. */
  readonly aside?: { readonly purpose: string; readonly of: string | null };
  /** The generation that was run again. */
  readonly replay_of?: string;
}

/** What is known before the first byte leaves: enough to tell of a request that never ended. */
export interface IntentRecord {
  readonly id: string;
  readonly object: 'intent';
  readonly created_at: string;
  readonly key: string | null;
  readonly dialect: DialectId;
  readonly stream: boolean;
  readonly config: string;
  readonly asked: string;
  readonly route: string | null;
  readonly data: readonly string[];
  readonly request: { readonly sha256: string };
  readonly plan: readonly string[];
  /** Whether a simulated deployment may answer. */
  readonly simulated: boolean;
  readonly trace: string;
  readonly aside?: GenerationRecord['aside'];
  readonly replay_of?: string;
}
