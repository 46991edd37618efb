import type { CircuitState } from '../../core/decision.ts';
import { VERSION } from '../../core/version.ts';
import type { DecisionEntry } from '../decision-log.ts';
import { Counter, gauge, Histogram, type MetricFamily } from './series.ts';

/** What is so at the moment somebody asks for the metrics. */
export interface ProcessState {
  readonly openRequests: number;
  /** Bytes of requests and answers that are held in memory. */
  readonly heldBytes: number;
  readonly residentBytes: number;
  /** Whether records can be written. */
  readonly ledgerWritable: boolean;
  /** One for each deployment and credential that was asked. */
  readonly circuits: readonly { readonly deployment: string; readonly state: CircuitState }[];
  readonly deployments: readonly DeploymentState[];
}

export interface DeploymentState {
  readonly name: string;
  readonly provider: string;
  readonly model: string;
  readonly simulated: boolean;
  /** Days since its price was read; `null`: it has no known price. */
  readonly priceAgeDays: number | null;
}

/** What happens to the process itself, and what is so of it when somebody asks. */
export class ProcessMeters {
  readonly #changes = new Counter({
    name: 'decision_changes_total',
    help: 'Circuits and objectives that changed.',
    labels: ['kind', 'deployment', 'route', 'what'],
  });
  readonly #shed = new Counter({
    name: 'shed_requests_total',
    help: 'Requests that were refused for want of room, before anything of them was read.',
    labels: ['reason'],
  });
  readonly #loopDelay = new Histogram(
    { name: 'event_loop_delay_seconds', help: 'How long the event loop let things wait, by samples.', labels: [] },
    [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5],
  );

  changed({ kind, deployment, route, what }: DecisionEntry): void {
    this.#changes.add(1, kind, deployment, route ?? '', what);
  }

  shed(refused: Readonly<Record<string, number>>): void {
    for (const [reason, count] of Object.entries(refused)) if (count > 0) this.#shed.add(count, reason);
  }

  loopDelay(delayMs: number): void {
    this.#loopDelay.observe(delayMs / 1000);
  }

  families(state: ProcessState): readonly MetricFamily[] {
    const events = [this.#changes, this.#shed, this.#loopDelay].map((meter) => meter.family());
    return [...events, ...moment(state), ...deployments(state)];
  }
}

function moment(state: ProcessState): readonly MetricFamily[] {
  const one = (name: string, help: string, value: number, aggregator: 'sum' | 'min' = 'sum'): MetricFamily =>
    gauge({ name, help, labels: [] }, [[value]], aggregator);
  const build = { name: 'build_info', help: 'The version that runs: always 1.', labels: ['version', 'node'] };
  return [
    one('open_requests', 'Requests that are being answered.', state.openRequests),
    one('held_bytes', 'Requests and answers that are held in memory.', state.heldBytes),
    one('resident_memory_bytes', 'Memory the processes take.', state.residentBytes),
    one('ledger_writable', 'Whether records can be written: 1 or 0.', state.ledgerWritable ? 1 : 0, 'min'),
    gauge(build, [[1, VERSION, process.versions.node]], 'first'),
  ];
}

function deployments({ circuits, deployments: configured }: ProcessState): readonly MetricFamily[] {
  const states = new Map<string, [number, string, string]>();
  for (const { deployment, state } of circuits) {
    const row = states.get(`${deployment} ${state}`) ?? [0, deployment, state];
    row[0]++;
    states.set(`${deployment} ${state}`, row);
  }
  return [
    gauge(
      {
        name: 'circuits',
        help: 'Circuits (one for each deployment, key and process) by state.',
        labels: ['deployment', 'state'],
      },
      [...states.values()],
    ),
    gauge(
      {
        name: 'deployment_info',
        help: 'The deployments of the config in force: always 1.',
        labels: ['deployment', 'provider', 'model', 'simulated'],
      },
      configured.map(({ name, provider, model, simulated }) => [1, name, provider, model, String(simulated)]),
      'first',
    ),
    gauge(
      { name: 'price_known', help: 'Whether the price is known: 1 or 0.', labels: ['deployment'] },
      configured.map(({ name, priceAgeDays }) => [priceAgeDays === null ? 0 : 1, name]),
      'first',
    ),
    gauge(
      { name: 'price_age_days', help: 'Days since the price was read.', labels: ['deployment'] },
      configured.flatMap(({ name, priceAgeDays }) => (priceAgeDays === null ? [] : [[priceAgeDays, name] as const])),
      'first',
    ),
  ];
}
