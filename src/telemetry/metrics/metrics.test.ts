import { describe, expect, test } from 'vitest';

import type { Observation } from '../observation.ts';
import { mergedMetrics, metricsText } from './merged-metrics.ts';
import { Metrics } from './metrics.ts';
import type { ProcessState } from './process-meters.ts';
import { WorkersMetrics } from './workers-metrics.ts';

const STATE: ProcessState = {
  openRequests: 3,
  heldBytes: 1024,
  residentBytes: 50_000_000,
  ledgerWritable: true,
  circuits: [],
  deployments: [],
};
const ANSWERED: Observation = {
  deployment: 'openai/gpt-4o',
  model: 'gpt-4o',
  route: 'legal',
  promptTokens: 700,
  streamed: true,
  outcome: 'accepted',
  failureKind: null,
  ttftMs: 400,
  wholeMs: null,
  waitedMs: null,
  tokensPerSecond: 60,
  completionTokens: 120,
  stalled: false,
  valid: null,
  repaired: false,
  costNanoUsd: 2_500_000,
  durationMs: 2400,
  simulated: false,
  why: 'primary',
};

function metricsOf(...observations: readonly Partial<Observation>[]): Metrics {
  const metrics = new Metrics();
  for (const observation of observations) metrics.observe({ ...ANSWERED, ...observation });
  return metrics;
}

function textOf(metrics: Metrics, state: Partial<ProcessState> = {}): readonly string[] {
  return metricsText(metrics.families({ ...STATE, ...state })).split('\n');
}

/** The lines of one metric, without its description. */
function linesOf(metrics: Metrics, name: string, state: Partial<ProcessState> = {}): readonly string[] {
  return textOf(metrics, state).filter((line) => line.startsWith(`candor_${name}`));
}

describe('attempts', () => {
  test('are counted by deployment, route, why and outcome', () => {
    const metrics = metricsOf({}, {}, { why: 'fallback', outcome: 'failed', failureKind: 'overloaded', route: null });
    expect(linesOf(metrics, 'attempts_total')).toEqual([
      'candor_attempts_total{deployment="openai/gpt-4o",route="legal",why="primary",outcome="accepted"} 2',
      'candor_attempts_total{deployment="openai/gpt-4o",route="",why="fallback",outcome="failed"} 1',
    ]);
    expect(linesOf(metrics, 'attempt_failures_total')).toEqual([
      'candor_attempt_failures_total{deployment="openai/gpt-4o",route="",kind="overloaded"} 1',
    ]);
  });

  test('a value at a bucket’s end is in that bucket, and one beyond all in the last', () => {
    const metrics = metricsOf({ ttftMs: 500 }, { ttftMs: 501 }, { ttftMs: 90_000 });
    const labels = 'deployment="openai/gpt-4o",route="legal",size="500-2000"';
    const lines = linesOf(metrics, 'first_content_seconds');
    expect(lines).toContain(`candor_first_content_seconds_bucket{le="0.3",${labels}} 0`);
    expect(lines).toContain(`candor_first_content_seconds_bucket{le="0.5",${labels}} 1`);
    expect(lines).toContain(`candor_first_content_seconds_bucket{le="0.75",${labels}} 2`);
    expect(lines).toContain(`candor_first_content_seconds_bucket{le="60",${labels}} 2`);
    expect(lines).toContain(`candor_first_content_seconds_bucket{le="+Inf",${labels}} 3`);
    expect(lines).toContain(`candor_first_content_seconds_count{${labels}} 3`);
    expect(lines).toContain(`candor_first_content_seconds_sum{${labels}} 91.001`);
  });

  test.each([
    ['an answer that came whole has no time to its first content', 'first_content_seconds', { streamed: false }],
    ['nor has one without content', 'first_content_seconds', { ttftMs: null }],
    ['a pace that is not known', 'output_tokens_per_second', { tokensPerSecond: null }],
    ['a cost that is not known', 'cost_usd_total', { costNanoUsd: null }],
    ['an answer that nobody checked', 'answers_checked_total', { valid: null }],
  ] as const)('%s leaves no series, not one of 0', (_case, name, observation) => {
    expect(linesOf(metricsOf(observation), name)).toEqual([]);
  });

  test('a cost is in USD, marked where it was simulated, and one that is not known is counted', () => {
    const metrics = metricsOf({}, { simulated: true, costNanoUsd: 1_000_000_000 }, { costNanoUsd: null });
    expect(linesOf(metrics, 'cost_')).toEqual([
      'candor_cost_usd_total{deployment="openai/gpt-4o",route="legal",simulated="false"} 0.0025',
      'candor_cost_usd_total{deployment="openai/gpt-4o",route="legal",simulated="true"} 1',
      'candor_cost_unknown_total{deployment="openai/gpt-4o",route="legal"} 1',
    ]);
  });
});

test('circuits are counted by state, and prices that are not known are said to be so', () => {
  const deployment = { provider: 'openai', model: 'm', simulated: false };
  const state = {
    circuits: [
      { deployment: 'openai/a', state: 'open' },
      { deployment: 'openai/a', state: 'open' },
      { deployment: 'openai/a', state: 'closed' },
    ],
    deployments: [
      { ...deployment, name: 'openai/a', priceAgeDays: 12 },
      { ...deployment, name: 'openai/b', priceAgeDays: null },
    ],
  } as const;
  const metrics = new Metrics();
  expect(linesOf(metrics, 'circuits', state)).toEqual([
    'candor_circuits{deployment="openai/a",state="open"} 2',
    'candor_circuits{deployment="openai/a",state="closed"} 1',
  ]);
  expect(linesOf(metrics, 'price_', state)).toEqual([
    'candor_price_known{deployment="openai/a"} 1',
    'candor_price_known{deployment="openai/b"} 0',
    'candor_price_age_days{deployment="openai/a"} 12',
  ]);
  // What was so the last time somebody asked is not so for ever.
  expect(linesOf(metrics, 'circuits')).toEqual([]);
});

test('every line is one that Prometheus reads, and every metric is described', () => {
  const metrics = metricsOf({ route: 'a "quoted"\nroute\\' });
  const lines = textOf(metrics).filter((line) => line !== '');
  const label = /[a-z]+="(?:[^"\\\n]|\\["\\n])*"/.source;
  const sample = new RegExp(`^(candor_[a-z_]+)(?:\\{${label}(?:,${label})*\\})? [-+.\\de]+$`);
  const described = new Set<string>();
  for (const line of lines) {
    const [, described_] = /^# TYPE (candor_[a-z_]+) (?:counter|gauge|histogram)$/.exec(line) ?? [];
    if (described_ !== undefined) described.add(described_);
    else if (!line.startsWith('# HELP candor_')) {
      const [, name = ''] = sample.exec(line) ?? [];
      expect(described.has(name.replace(/_(?:bucket|sum|count)$/, '')), line).toBe(true);
    }
  }
  expect(described.size).toBeGreaterThan(20);
});

describe('several processes', () => {
  const openRequests = (count: number): ProcessState => ({ ...STATE, openRequests: count });

  test('counts are summed, gauges too, and what is the same everywhere stays as it is', () => {
    const workers = new WorkersMetrics();
    const deployments = [{ name: 'a/b', provider: 'a', model: 'b', simulated: false, priceAgeDays: 4 }];
    const first = metricsOf({}, {}).families({ ...openRequests(2), deployments });
    const second = metricsOf({}).families({ ...openRequests(5), deployments, ledgerWritable: false });
    const answers = new Map([
      [11, first],
      [12, second],
    ]);
    const text = metricsText(mergedMetrics(workers.families(3, answers)));
    expect(text).toContain('why="primary",outcome="accepted"} 3\n');
    expect(text).toContain('candor_attempt_duration_seconds_count{deployment="openai/gpt-4o",route="legal"} 3\n');
    expect(text).toContain('candor_open_requests 7\n');
    expect(text).toContain('candor_price_age_days{deployment="a/b"} 4\n');
    expect(text).toContain('candor_ledger_writable 0\n');
    expect(text).toContain('candor_workers 3\n');
    expect(text).toContain('candor_workers_answered 2\n');
  });

  test('the counts of one that is silent, or has ended, stay; what was so of it then does not', () => {
    const workers = new WorkersMetrics();
    const living = metricsOf({});
    const dying = metricsOf({}, {}, {});
    const families = (count: number, ...pids: readonly number[]): Map<number, ReturnType<Metrics['families']>> =>
      new Map(pids.map((pid) => [pid, (pid === 1 ? living : dying).families(openRequests(count))]));
    workers.families(2, families(1, 1, 2));
    const counted = (answers: Map<number, ReturnType<Metrics['families']>>): readonly string[] => {
      const lines = metricsText(mergedMetrics(workers.families(2, answers))).split('\n');
      return lines
        .filter((line) => /^candor_(?:attempts_total|open_requests)/.test(line))
        .map((line) => line.split(' ')[1] ?? '');
    };
    expect(counted(families(1, 1, 2))).toEqual(['4', '2']);
    expect(counted(families(1, 1))).toEqual(['4', '1']);
    workers.leave(2);
    expect(counted(families(1, 1))).toEqual(['4', '1']);
    // The one that takes its place, and ends too.
    workers.families(2, new Map([[3, metricsOf({}).families(openRequests(9))]]));
    workers.leave(3);
    expect(counted(families(1, 1))).toEqual(['5', '1']);
  });
});
