import { SIZE_BUCKETS, sizeBucket, type Observation } from '../observation.ts';
import { Counter, Histogram, type MetricFamily } from './series.ts';

/** The label `size` of each bucket, in tokens: `0-500`, `500-2000` … `32000+`. */
const SIZES = [0, ...SIZE_BUCKETS].map((from, bucket) => {
  const end = SIZE_BUCKETS[bucket];
  return end === undefined ? `${from}+` : `${from}-${end}`;
});
const NANO = 1e9;
const AT = ['deployment', 'route'] as const;

/** What is counted of every attempt. */
export class AttemptMeters {
  readonly #attempts = new Counter({
    name: 'attempts_total',
    help: 'Attempts that have ended.',
    labels: [...AT, 'why', 'outcome'],
  });
  readonly #failures = new Counter({
    name: 'attempt_failures_total',
    help: 'Attempts without an accepted answer, by what went wrong.',
    labels: [...AT, 'kind'],
  });
  readonly #duration = new Histogram(
    { name: 'attempt_duration_seconds', help: 'How long attempts took, to their last byte.', labels: AT },
    [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600],
  );
  readonly #firstContent = new Histogram(
    {
      name: 'first_content_seconds',
      help: 'Time to the first content of streams, by size of the prompt in tokens.',
      labels: [...AT, 'size'],
    },
    [0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 8, 15, 30, 60],
  );
  readonly #pace = new Histogram(
    {
      name: 'output_tokens_per_second',
      help: 'How fast streams came, from their first content to their last.',
      labels: AT,
    },
    [1, 2, 5, 10, 20, 30, 50, 75, 100, 150, 250, 500],
  );
  readonly #stalls = new Counter({
    name: 'stalls_total',
    help: 'Streams that fell silent in their midst.',
    labels: AT,
  });
  readonly #checked = new Counter({
    name: 'answers_checked_total',
    help: 'Answers that were checked, by whether they kept to what was asked.',
    labels: [...AT, 'valid'],
  });
  readonly #repaired = new Counter({
    name: 'answers_repaired_total',
    help: 'Answers that were valid once repaired.',
    labels: AT,
  });
  readonly #tokens = new Counter({
    name: 'tokens_total',
    help: 'Tokens read and written; prompts are estimated where no vendor counted.',
    labels: [...AT, 'direction'],
  });
  readonly #cost = new Counter({
    name: 'cost_usd_total',
    help: 'What attempts cost, where that is known.',
    labels: [...AT, 'simulated'],
  });
  readonly #costUnknown = new Counter({
    name: 'cost_unknown_total',
    help: 'Attempts whose cost is not known.',
    labels: AT,
  });

  /** Counts one attempt that has ended. */
  observe(observation: Observation): void {
    const { deployment, failureKind, costNanoUsd } = observation;
    const route = observation.route ?? '';
    this.#attempts.add(1, deployment, route, observation.why, observation.outcome);
    if (failureKind !== null) this.#failures.add(1, deployment, route, failureKind);
    this.#duration.observe(observation.durationMs / 1000, deployment, route);
    // Of an answer that came whole it is not known.
    if (observation.streamed && observation.ttftMs !== null) {
      const size = SIZES[sizeBucket(observation.promptTokens)] ?? '';
      this.#firstContent.observe(observation.ttftMs / 1000, deployment, route, size);
    }
    if (observation.tokensPerSecond !== null) this.#pace.observe(observation.tokensPerSecond, deployment, route);
    if (observation.stalled) this.#stalls.add(1, deployment, route);
    if (observation.valid !== null) this.#checked.add(1, deployment, route, String(observation.valid));
    if (observation.repaired) this.#repaired.add(1, deployment, route);
    this.#tokens.add(observation.promptTokens, deployment, route, 'input');
    if (observation.completionTokens !== null) {
      this.#tokens.add(observation.completionTokens, deployment, route, 'output');
    }
    if (costNanoUsd === null) this.#costUnknown.add(1, deployment, route);
    else this.#cost.add(costNanoUsd / NANO, deployment, route, String(observation.simulated));
  }

  families(): readonly MetricFamily[] {
    return [
      this.#attempts,
      this.#failures,
      this.#duration,
      this.#firstContent,
      this.#pace,
      this.#stalls,
      this.#checked,
      this.#repaired,
      this.#tokens,
      this.#cost,
      this.#costUnknown,
    ].map((meter) => meter.family());
  }
}
