import type { JsonObject, JsonValue } from '../core/json.ts';
import { FEATURES } from './features.ts';
import type { Reliability } from './reliability.ts';
import type { RuleInForce, ScopeEntry } from './scope-entry.ts';
import type { Score } from './score.ts';

/** What is known of one scope, for people: its state and why, how its score weighs, its reliability diagram, its rules. */
export function scopeReport({ labels, fit, rule, suspendedAtMs }: ScopeEntry): JsonObject {
  const { route, model, snapshot, template } = labels.scope;
  const calibration = fit?.calibration ?? null;
  const figures: JsonObject = {
    base_rate: calibration?.baseRate ? { ...calibration.baseRate } : null,
    method: calibration?.method ?? null,
    score: fit === null ? null : scoreView(fit.score),
    diagram: calibration?.holdOut ? diagram(calibration.holdOut) : null,
    rules: rule === null ? [] : [ruleView(rule)],
  };
  return {
    route,
    model,
    snapshot,
    template,
    status: calibration?.status ?? 'unknown',
    reason: calibration?.reason ?? 'its labels have not been looked at yet',
    n: fit?.n ?? 0,
    answers: labels.size,
    circular: labels.circular,
    fitted_at: isoTime(fit?.atMs ?? null),
    suspended_at: isoTime(suspendedAtMs),
    ...(rounded(figures) as JsonObject),
  };
}

function scoreView({ basis, intercept, weights }: Score): JsonObject {
  const named = FEATURES.map(({ name }, index) => [name, weights[index] ?? 0] as const);
  return { basis, intercept, weights: Object.fromEntries(named) };
}

/** Of forecasts on the latest labels, made from those before. */
function diagram({ n, bins, brier, ece, auroc, coverageAtRisk }: Reliability): JsonObject {
  const { score, reliability, resolution, uncertainty, withinBins } = brier;
  return {
    n,
    bins: bins.map(({ p, observed, n: labels, lower95, upper95 }) => ({ p, observed, n: labels, lower95, upper95 })),
    brier: { score, reliability, resolution, uncertainty, within_bins: withinBins },
    ece: { raw: ece.raw, debiased: ece.debiased, upper95: ece.upper95 },
    auroc,
    coverage_at_risk: coverageAtRisk.map(({ risk, coverage }) => ({ risk, coverage })),
  };
}

function ruleView({ terms, learnt }: RuleInForce): JsonObject {
  const { rule, watch } = learnt;
  const watched = { n: watch.n, errors: watch.errors, wealth: watch.wealth };
  if (rule.threshold === null) return { ...terms, threshold: null, reason: rule.reason, watch: watched };
  const { threshold, n, errors, coverage, bound } = rule;
  return { ...terms, threshold, reason: null, n, errors, coverage, bound, watch: watched };
}

/** Numbers with four digits after the point. */
function rounded(value: JsonValue | undefined): JsonValue {
  if (typeof value === 'number') return Math.round(value * 10_000) / 10_000;
  if (value === null || value === undefined || typeof value !== 'object') return value ?? null;
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map(rounded);
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, rounded(member)]));
}

function isoTime(timeMs: number | null): string | null {
  return timeMs === null ? null : new Date(timeMs).toISOString();
}
