import type { JsonValue } from '../../core/json.ts';
import { mergedMetrics, type ProcessFamilies } from './merged-metrics.ts';
import { gauge } from './series.ts';

/**
 * What is known of the metrics of several processes that come and go. Of one that has ended, and of one that does not
 * answer in time, the last counts stay: a sum that goes down would read as a restart, and all of it as new.
 */
export class WorkersMetrics {
  readonly #latest = new Map<number, ProcessFamilies>();
  #ended: ProcessFamilies = [];

  /** A process has ended. */
  leave(pid: number): void {
    this.#ended = mergedMetrics([this.#ended, countsOf(this.#latest.get(pid) ?? [])]);
    this.#latest.delete(pid);
  }

  /**
   * What there is to merge, process by process.
   * @param workers how many there are
   * @param answers what those have just said that answered, by pid: what `Metrics.families` gave there
   */
  families(workers: number, answers: ReadonlyMap<number, JsonValue>): readonly ProcessFamilies[] {
    for (const [pid, families] of answers) this.#latest.set(pid, families as unknown as ProcessFamilies);
    const each = [...this.#latest].map(([pid, families]) => (answers.has(pid) ? families : countsOf(families)));
    return [...each, this.#ended, workerGauges(workers, answers.size)];
  }
}

/** How many processes serve the port, and how many of them the gauges are of. */
export function workerGauges(workers: number, answered: number): ProcessFamilies {
  return [
    gauge({ name: 'workers', help: 'Processes that serve the port.', labels: [] }, [[workers]], 'first'),
    gauge(
      { name: 'workers_answered', help: 'Processes whose gauges are in this answer.', labels: [] },
      [[answered]],
      'first',
    ),
  ];
}

/** Without what was so only at a moment. */
function countsOf(families: ProcessFamilies): ProcessFamilies {
  return families.filter(({ type }) => type !== 'gauge');
}
