/** A share, and of how many; decayed. `null`: nothing was observed. */
export interface MeasuredShare {
  readonly n: number;
  readonly share: number | null;
}

/**
 * What is measured of one deployment on one route, decayed in wall-clock time. Every figure says of how many observations
 * it is; `null`: none.
 */
export interface DeploymentSummary {
  readonly deployment: string;
  /** `null`: requests that named a model. */
  readonly route: string | null;
  /** Attempts, decayed like speed and errors. */
  readonly n: number;
  /** To the first content, of prompts of any size. */
  readonly ttft: {
    readonly n: number;
    readonly p50_ms: number | null;
    readonly p95_ms: number | null;
    readonly p99_ms: number | null;
  };
  /** Of streams, from the first content to the last. */
  readonly tokens_per_second: { readonly n: number; readonly p50: number | null };
  /** Attempts that failed, of those that failed or answered. */
  readonly error_rate: MeasuredShare;
  /** Streams that fell silent, of those that began. */
  readonly stall_rate: MeasuredShare;
  /** Answers that kept to what was asked, of those that were checked. */
  readonly valid_rate: MeasuredShare;
  /** Refusals by the vendor's safety, of the answers. */
  readonly refusal_rate: MeasuredShare;
  /** Answers that were repaired, of all. */
  readonly repair_rate: MeasuredShare;
  /** How many attempts failed, or were limited, in which way. */
  readonly errors: Readonly<Record<string, number>>;
  /** What all attempts cost, for each answer that was accepted. `n`: accepted answers whose cost is known; `unpriced`: attempts whose cost is not. */
  readonly cost_per_accepted: { readonly n: number; readonly nano_usd: number | null; readonly unpriced: number };
}
