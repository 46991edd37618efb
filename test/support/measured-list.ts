import type { JsonObject } from '../../src/core/json.ts';
import { modelList } from '../../src/core/model-list.ts';
import type { Configuration } from '../../src/core/route.ts';

const CLOSED = { state: 'closed', reason: null, retry_in_ms: null };
const OPEN = { state: 'open', reason: '8 of 9 failed in 30 s', retry_in_ms: 4000 };
const NOTHING = { n: 0, share: null };

function summary(deployment: string, route: string | null, ttft: JsonObject): JsonObject {
  return {
    deployment,
    route,
    n: 412.4,
    ttft,
    tokens_per_second: { n: 398.2, p50: 88 },
    error_rate: { n: 412.4, share: 0.031 },
    stall_rate: { n: 398.2, share: 0 },
    valid_rate: NOTHING,
    refusal_rate: { n: 399.1, share: 0.004 },
    repair_rate: { n: 399.1, share: 0 },
    errors: { overloaded: 12.8 },
    cost_per_accepted: { n: 399.1, usd: 0.0041, unpriced: 0 },
  };
}

const MEASURED = [
  summary('openai/gpt-4o', 'legal', { n: 398.2, p50_ms: 241.3, p95_ms: 611.2, p99_ms: 1210 }),
  summary('openai/gpt-4o', null, { n: 0, p50_ms: null, p95_ms: null, p99_ms: null }),
  summary('anthropic/claude-opus', 'legal', { n: 12.3, p50_ms: 550, p95_ms: 8100, p99_ms: 8100 }),
];

/** The list of models as a gateway gives it that has measured three of its deployments. */
export function measuredList(configuration: Configuration, wallTimeMs: number): readonly JsonObject[] {
  return modelList(configuration, wallTimeMs).map((entry) => {
    if (configuration.deployments.has(entry.id)) {
      const measured = MEASURED.filter(({ deployment }) => deployment === entry.id);
      const circuit = entry.id === 'anthropic/claude-opus' ? OPEN : CLOSED;
      return { ...entry, candor: { ...entry.candor, measured, circuit } };
    }
    if (!configuration.routes.has(entry.id)) return entry;
    return { ...entry, candor: { ...entry.candor, measured: MEASURED.filter(({ route }) => route === entry.id) } };
  });
}
