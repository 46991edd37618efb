import type { GenerationExporter } from '../telemetry/otel/exporter.ts';
import type { Steps } from './exchange.ts';
import type { Generation } from './generation.ts';

/** Tells OpenTelemetry of a request that has ended. What goes wrong there is no matter of the request. */
export function tellSpans(generation: Generation, exporter: GenerationExporter, steps: Steps): void {
  const { recorded, exchange } = generation;
  if (recorded === null) return;
  const { clock } = steps;
  const endedAtMs = clock.wallTime();
  // Spans want dates; durations by the monotonic clock stay true when the other one is set.
  const wallTimeAt = (at: number): number => endedAtMs - (clock.now() - at);
  try {
    exporter.export({
      record: recorded,
      startedAtMs: wallTimeAt(exchange.arrivedAt),
      endedAtMs,
      attempts: generation.attempts.map(({ startedAt, durationMs, deployment }) => ({
        startedAtMs: wallTimeAt(startedAt),
        endedAtMs: wallTimeAt(startedAt + durationMs),
        providerKind: deployment.kind,
      })),
      traceparent: exchange.request.directives.traceparent,
    });
  } catch (error) {
    steps.reportFault(exchange.id, error);
  }
}
