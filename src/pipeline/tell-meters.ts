import { asideMs } from './aside-ms.ts';
import type { Steps } from './exchange.ts';
import type { Generation } from './generation.ts';
import { tellSpans } from './tell-spans.ts';

/** Tells the meters of whole requests how one has ended. One that has no record was none. */
export function tellMeters(generation: Generation, steps: Steps): void {
  const { recorded, attempts, exchange } = generation;
  if (exchange.aside !== undefined) return;
  // Whoever wrote its record here has ended it.
  if (recorded === null || recorded.status === 'running' || recorded.status === 'interrupted') return;
  const endedAt = steps.clock.now();
  const durationMs = endedAt - exchange.arrivedAt;
  const upstreamMs = attempts.reduce((sum, attempt) => sum + attempt.durationMs, asideMs(generation));
  steps.metrics.generationEnded({
    route: recorded.route,
    dialect: recorded.dialect,
    status: recorded.status,
    code: recorded.error?.code ?? null,
    fallback: recorded.fallback !== null,
    degraded: recorded.degraded?.reason ?? null,
    durationMs,
    overheadMs: Math.max(0, durationMs - upstreamMs),
  });
  if (steps.spans !== null) tellSpans(generation, steps.spans, steps);
}
