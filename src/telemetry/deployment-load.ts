import type { Observation } from './observation.ts';
import { PeakAverage } from './peak-average.ts';

/** How busy a deployment is, whatever the route. The times given to it must not go back. */
export class DeploymentLoad {
  /** Requests under way. */
  underWay = 0;
  readonly #averages: (PeakAverage | undefined)[] = [];

  firstContent(ttftMs: number, bucket: number, nowMs: number): void {
    (this.#averages[bucket] ??= new PeakAverage()).record(ttftMs, nowMs);
  }

  /** Who gave up waiting knows only that it takes longer: that can raise the average, not lower it. */
  gaveUp({ waitedMs, outcome }: Pick<Observation, 'waitedMs' | 'outcome'>, bucket: number, nowMs: number): void {
    const leastMs = this.#averages[bucket]?.value(nowMs) ?? (outcome === 'failed' ? 0 : Infinity);
    if (waitedMs !== null && waitedMs > leastMs) this.firstContent(waitedMs, bucket, nowMs);
  }

  /** `null`: nothing was measured of prompts of this size. */
  value(bucket: number, nowMs: number): number | null {
    const average = this.#averages[bucket];
    return average === undefined ? null : Math.round(average.value(nowMs) * (this.underWay + 1) * 1000) / 1000;
  }

  /** Whether there is nothing to keep it for. */
  isIdle(): boolean {
    return this.underWay === 0 && this.#averages.length === 0;
  }
}
