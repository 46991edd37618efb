import type { DecisionEntry } from '../decision-log.ts';
import type { Observation } from '../observation.ts';
import { AttemptMeters } from './attempt-meters.ts';
import { GenerationMeters, type GenerationEnd } from './generation-meters.ts';
import { ProcessMeters, type ProcessState } from './process-meters.ts';
import type { MetricFamily } from './series.ts';

/**
 * What Prometheus is told of this process; `docs/telemetry.md` has the names. Labels are names of the config and words of
 * fixed lists, so that there are only so many series: nothing of what clients send, and no key, is in them.
 */
export class Metrics {
  readonly #attempts = new AttemptMeters();
  readonly #generations = new GenerationMeters();
  readonly #process = new ProcessMeters();

  /** Counts one attempt that has ended. */
  observe(observation: Observation): void {
    this.#attempts.observe(observation);
  }

  /** Counts one request that has ended. */
  generationEnded(end: GenerationEnd): void {
    this.#generations.ended(end);
  }

  /** Counts a request that was asked a second time, or should have been. */
  shadowed(route: string, outcome: string): void {
    this.#generations.shadowed(route, outcome);
  }

  /** Counts a circuit or an objective that changed. */
  decisionChanged(entry: DecisionEntry): void {
    this.#process.changed(entry);
  }

  /** Counts requests that were refused for want of room, by reason. */
  shed(refused: Readonly<Record<string, number>>): void {
    this.#process.shed(refused);
  }

  /** Takes one sample of how long the event loop let things wait. */
  loopDelay(delayMs: number): void {
    this.#process.loopDelay(delayMs);
  }

  /** All of it as plain data, which goes from one process to another. */
  families(state: ProcessState): readonly MetricFamily[] {
    return [...this.#generations.families(), ...this.#attempts.families(), ...this.#process.families(state)];
  }
}
