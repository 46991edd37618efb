import type { CandidateInputs, ObjectiveVerdict } from '../../core/decision.ts';
import type { JsonObject } from '../../core/json.ts';
import { toldFigure } from '../../core/objective.ts';

/** An objective as explanations show it: limit and value in milliseconds, tokens a second, a share, or USD. */
export function explainedObjective({ name, limit, value, n, met }: ObjectiveVerdict): JsonObject {
  return { name, limit: toldFigure(name, limit), value: toldFigure(name, value), n, met };
}

/** What a request is expected to take and cost, in milliseconds and USD; each `null`: not known. */
export interface CostFigures {
  readonly cost: number | null;
  readonly band: readonly [number, number] | null;
  /** How many answers the cost rests on; `null`: it is not known from answers. */
  readonly answers: number | null;
}

/** `n` counts the answers it rests on: where times and cost rest on several counts, the smallest. */
export function explainedEstimate(ttft: CandidateInputs['ttft'], { cost, band, answers }: CostFigures): JsonObject {
  const counts = [ttft?.n ?? null, answers].filter((count) => count !== null);
  return {
    ttft_p50_ms: ttft?.p50_ms ?? null,
    ttft_p95_ms: ttft?.p95_ms ?? null,
    cost,
    cost_band: band === null ? null : [...band],
    n: counts.length === 0 ? 0 : Math.round(Math.min(...counts)),
  };
}
