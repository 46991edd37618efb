import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { loadConfiguration } from '../../../src/config/load.ts';
import type { Configuration } from '../../../src/core/route.ts';
import { createRegistries } from '../../../src/gateway.ts';
import { startInjectedGateway, type InjectedGateway } from '../injected-gateway.ts';
import { ManualClock } from '../manual-clock.ts';
import { startRawUpstream, type RawUpstream } from '../raw-upstream.ts';
import { moodOf, playBy, type Mood } from './moods.ts';

const NAMES = ['one', 'two', 'three'] as const;

/** Every way in which a route may choose, fall back, retry and stream, over four deployments of three models. */
const ROUTES = {
  ordered: '{ try: [spread, second, third], fallback: degraded }',
  patient: '{ try: [first, third], fallback: degraded, retries: 2 }',
  hasty: '{ try: [first, second, third], fallback: degraded, timeout: { total: 3s, first_byte: 1s, idle: 1s } }',
  strict: '{ try: [spread, third], fallback: off }',
  alone: '{ try: [first] }',
  crossing: '{ try: [spread, third], fallback: degraded, on_refusal: fallback }',
  held: '{ try: [second, third], fallback: degraded, stream: hold, timeout: { first_byte: 1s, idle: 1s } }',
  windowed: '{ try: [second, third], fallback: degraded, stream: { window: 200 }, timeout: { first_byte: 1s } }',
  checked: '{ try: [second, third], fallback: degraded, validate: [{ json_schema: { type: object } }] }',
  fastest: '{ try: [first, second, third], pick: fastest, fallback: degraded, slo: { error_rate: 0.2 } }',
  cheapest: '{ try: [first, second, third], pick: cheapest, fallback: degraded, slo: { ttft_p95: 1s } }',
  weighted: '{ try: [{ model: first, weight: 3 }, third], pick: weighted, fallback: degraded }',
  objective: '{ try: [first, third], fallback: degraded, slo: { error_rate: 0.1, ttft_p95: 500ms } }',
  demanding: '{ try: [first, third], fallback: degraded, slo: { error_rate: 0.1 }, slo_policy: fail }',
} as const;

/** What a request may name. */
export const ASKED = [...Object.keys(ROUTES), 'first', 'spread', 'two/spread', 'third'];

/** A gateway whose upstreams answer at random, as their moods are, and what it holds while requests are under way. */
export interface World {
  readonly gateway: InjectedGateway;
  readonly clock: ManualClock;
  /** Requests and attempts under way, and retries not given back; how many final records there are, by id. */
  readonly held: { requests: number; attempts: number; retries: number; readonly finals: Map<string, number> };
  /** Lets every upstream have a mood of its own from now on. */
  change(random: () => number): void;
  /** All is well from now on. */
  heal(): void;
  close(): Promise<void>;
}

export async function openWorld(random: () => number): Promise<World> {
  const clock = new ManualClock();
  const upstreams = await Promise.all(NAMES.map(() => startRawUpstream()));
  const directory = mkdtempSync(join(tmpdir(), 'candor-world-'));
  const gateway = await startInjectedGateway({ clock, configuration: configurationOver(upstreams, directory) });
  const held: World['held'] = { requests: 0, attempts: 0, retries: 0, finals: new Map() };
  count(gateway, held);
  const play = (mood: () => Mood): void => {
    for (const upstream of upstreams) upstream.play(playBy(mood(), clock, random));
  };
  return {
    gateway,
    clock,
    held,
    change: (drawn) => play(() => moodOf(drawn)),
    heal: () => play(() => ({ well: 1 })),
    async close() {
      await gateway.close();
      await Promise.all(upstreams.map((upstream) => upstream.close()));
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Counts in and out what the pipeline must give back. */
function count({ steps, ledger }: InjectedGateway, held: World['held']): void {
  const { telemetry, retryBudget, inFlight } = steps;
  const track = inFlight.track.bind(inFlight);
  inFlight.track = (interruption, done) => {
    held.requests += 1;
    void done.finally(() => (held.requests -= 1));
    track(interruption, done);
  };
  const begin = telemetry.begin.bind(telemetry);
  telemetry.begin = (deployment) => {
    held.attempts += 1;
    begin(deployment);
  };
  const end = telemetry.end.bind(telemetry);
  telemetry.end = (deployment) => {
    held.attempts -= 1;
    end(deployment);
  };
  const tryRetry = retryBudget.tryRetry.bind(retryBudget);
  retryBudget.tryRetry = () => {
    const giveBack = tryRetry();
    if (giveBack === null) return null;
    held.retries += 1;
    let isBack = false;
    return () => {
      if (!isBack) held.retries -= 1;
      isBack = true;
      giveBack();
    };
  };
  const finish = ledger.finish.bind(ledger);
  ledger.finish = (record, content) => {
    held.finals.set(record.id, (held.finals.get(record.id) ?? 0) + 1);
    return finish(record, content);
  };
}

function configurationOver(upstreams: readonly RawUpstream[], directory: string): Configuration {
  const file = join(directory, 'candor.yaml');
  const url = (index: number): string => `url: "${upstreams[index]?.url}", allow_private: true`;
  const config = [
    'providers:',
    `  one: { kind: openai, ${url(0)}, key: [env:FIRST, env:SECOND] }`,
    `  two: { kind: openai, ${url(1)}, key: env:FIRST }`,
    `  three: { kind: openai, ${url(2)}, key: env:FIRST }`,
    'models:',
    '  first: { at: one, id: gpt-4o }',
    '  spread: { at: [{ provider: one, id: gpt-4o }, { provider: two, id: gpt-4o }] }',
    '  second: { at: two, id: gpt-4o-mini }',
    '  third: { at: three, id: gpt-4o }',
    'routes:',
    ...Object.entries(ROUTES).map(([name, route]) => `  ${name}: ${route}`),
    '',
  ];
  writeFileSync(file, config.join('\n'));
  const loaded = loadConfiguration({
    mode: 'dev',
    file,
    environment: { FIRST: 'sk-first-0123456789abcdefghijklmnop', SECOND: 'sk-second-0123456789abcdefghijklmnop' },
    registries: createRegistries(),
    stateDirectory: join(directory, 'state'),
    port: 0,
    cwd: directory,
    allowSim: false,
  });
  if (!loaded.ok) throw new Error(loaded.diagnostics.map(({ message }) => message).join('\n'));
  return loaded.configuration;
}
