import { Counter, Histogram, type MetricFamily } from './series.ts';

/** One request, when it has ended. */
export interface GenerationEnd {
  /** `null`: the client named a model. */
  readonly route: string | null;
  readonly dialect: string;
  readonly status: 'complete' | 'failed' | 'cancelled';
  /** The error's code; `null`: it was answered. */
  readonly code: string | null;
  readonly fallback: boolean;
  /** Why the answer is less than was asked for; `null`: it is not. */
  readonly degraded: string | null;
  /** From its first byte to the last of its answer. */
  readonly durationMs: number;
  /** What the gateway itself took of that; `null`: not measured. */
  readonly overheadMs: number | null;
}

/** What is counted of every request for an answer. */
export class GenerationMeters {
  readonly #generations = new Counter({
    name: 'generations_total',
    help: 'Requests for an answer that have ended.',
    labels: ['route', 'dialect', 'status', 'code'],
  });
  readonly #fallbacks = new Counter({
    name: 'fallbacks_total',
    help: 'Requests that another deployment than the usual one answered.',
    labels: ['route'],
  });
  readonly #degraded = new Counter({
    name: 'degraded_total',
    help: 'Requests whose answer was marked as degraded.',
    labels: ['route', 'reason'],
  });
  readonly #shadows = new Counter({
    name: 'shadow_requests_total',
    help: 'Live requests that another model was asked too, to compare: how that ended, or why it did not come to it.',
    labels: ['route', 'outcome'],
  });
  readonly #duration = new Histogram(
    {
      name: 'generation_duration_seconds',
      help: 'How long requests took, all attempts together.',
      labels: ['route', 'status'],
    },
    [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600],
  );
  readonly #overhead = new Histogram(
    { name: 'overhead_seconds', help: 'What the gateway itself added to requests.', labels: [] },
    [0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1],
  );

  /** Counts one request that has ended. */
  ended(end: GenerationEnd): void {
    const route = end.route ?? '';
    const { dialect, status, code, degraded, overheadMs } = end;
    this.#generations.add(1, route, dialect, status, code ?? '');
    if (end.fallback) this.#fallbacks.add(1, route);
    if (degraded !== null) this.#degraded.add(1, route, degraded);
    this.#duration.observe(end.durationMs / 1000, route, status);
    if (overheadMs !== null) this.#overhead.observe(overheadMs / 1000);
  }

  /** Counts one that was asked a second time, or should have been. */
  shadowed(route: string, outcome: string): void {
    this.#shadows.add(1, route, outcome);
  }

  families(): readonly MetricFamily[] {
    return [this.#generations, this.#fallbacks, this.#degraded, this.#shadows, this.#duration, this.#overhead].map(
      (meter) => meter.family(),
    );
  }
}
