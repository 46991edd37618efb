import { expect } from 'vitest';

import type { AttemptRecord, GenerationRecord } from '../../src/core/record.ts';
import { PROTOCOLS, type Expected, type FaultCase } from './fault-cases.ts';
import { startTestGateway, type TestGateway } from './gateway.ts';
import { ManualClock, simulatorClockOf } from './manual-clock.ts';
import { flawsOfBrokenStream, flawsOfCompleteStream, readStream } from './stream-reading.ts';

const MESSAGES = {
  prose:
    'Who won in Smith v. Jones, and on what ground? Source: Smith v. Jones, 1901: the court found for Smith, since the contract had been signed by both parties before the loss.',
  json: 'Extract the order as JSON: order 4711 of 3 March 2025, total 120.50 EUR, ordered by Ada Lovelace.',
};
const SCHEMA = {
  type: 'object',
  properties: { order: { type: 'string' }, total: { type: 'number' }, customer: { type: 'string' } },
  required: ['order', 'total', 'customer'],
  additionalProperties: false,
};

/** Longer than the retries of other requests count. */
const LONG_AGO_MS = 60_000;

/** A gateway and its simulator on one clock that only the test moves. */
export interface FaultBench {
  readonly gateway: TestGateway;
  readonly clock: ManualClock;
  /** Leaves nothing of what is held against upstreams, nor of the retries that were made. */
  forget(): Promise<void>;
  close(): Promise<void>;
}

export async function openFaultBench(config: string): Promise<FaultBench> {
  const clock = new ManualClock();
  const gateway = await startTestGateway({ config, clock, simulatorClock: simulatorClockOf(clock), draw: () => 0.5 });
  return {
    gateway,
    clock,
    async forget() {
      await gateway.closeCircuits();
      clock.advance(LONG_AGO_MS);
    },
    close: () => gateway.close(),
  };
}

/** What a client was given. */
interface Given {
  readonly response: Response;
  readonly text: string;
  readonly record: GenerationRecord & { readonly attempts: readonly AttemptRecord[] };
}

/** Asks one case's question while its fault is in force, and holds what comes of it against what is promised. */
export async function expectFaultCase(bench: FaultBench, row: FaultCase): Promise<void> {
  const { simulator } = bench.gateway;
  simulator.control.reset();
  await bench.forget();
  simulator.control.addFault(row.fault);
  const before = simulator.received.length;
  const given = await ask(bench, row);
  expectMarks(given);
  const standsIn = row.expected.outcome === 'fails' && row.mode === 'degraded';
  if (standsIn) expectFallback(given, row, row.expected);
  else if (row.expected.outcome === 'fails') expectError(given, row, row.expected);
  else if (row.expected.outcome === 'breaks') expectBroken(given, row.expected);
  else expectAnswer(given, row, row.expected.finish);
  // A refused connection hears no request; every other attempt is one request, and nobody was asked who is not on record.
  const heard = given.record.attempts.filter((attempt) => attempt.kind !== 'unreachable').length;
  expect(simulator.received.length - before).toBe(heard);
  simulator.control.reset();
}

async function ask({ gateway, clock }: FaultBench, row: FaultCase): Promise<Given> {
  const body = {
    model: row.asked,
    stream: row.stream,
    messages: [{ role: 'user', content: row.asksForJson ? MESSAGES.json : MESSAGES.prose }],
    ...(row.asksForJson
      ? { response_format: { type: 'json_schema', json_schema: { name: 'order', schema: SCHEMA } } }
      : {}),
  };
  const response = await clock.passUntil(gateway.post('/v1/chat/completions', body));
  const text = await clock.passUntil(response.text());
  const id = response.headers.get('x-request-id') ?? '';
  return { response, text, record: (await gateway.record(id)) as unknown as Given['record'] };
}

/** What is promised of every response. */
function expectMarks({ response, record }: Given): void {
  expect(record.id).toBe(response.headers.get('x-request-id'));
  expect(response.headers.get('request-id')).toBe(record.id);
  expect(response.headers.get('x-candor-fallback')).toMatch(/^\?[01]/);
  expect(response.headers.get('x-candor-simulated')).toBe('?1');
  const named = response.headers.get('x-candor-attempts')?.split(', ') ?? [];
  expect(named.map((attempt) => attempt.split(';')[0])).toEqual(record.attempts.map((attempt) => attempt.deployment));
  expect(record.attempts[0]?.sim_fault).not.toBeNull();
}

function expectAttempt(
  attempt: AttemptRecord | undefined,
  expected: Expected,
  row: FaultCase,
  which: { readonly n: number; readonly why: 'primary' | 'retry' } = { n: 1, why: 'primary' },
): void {
  expect(attempt).toMatchObject({
    ...which,
    deployment: `${row.protocol}/${PROTOCOLS[row.protocol].model}`,
    ...(expected.outcome === 'fails' ? { status: expected.upstreamStatus } : { status: 200 }),
    kind: expected.outcome === 'answers' ? 'ok' : expected.code.replace('upstream_', ''),
    possibly_billed: expected.outcome === 'answers' ? false : expected.possiblyBilled,
  });
}

function expectFallback(given: Given, row: FaultCase, expected: Extract<Expected, { outcome: 'fails' }>): void {
  const { response, text, record } = given;
  const { fallback } = PROTOCOLS[row.protocol];
  expect(response.status).toBe(200);
  expect(response.headers.get('x-candor-fallback')).toBe(`?1;reason=${expected.code}`);
  expect(response.headers.get('x-candor-degraded')).toBe('?1;reason=uncertified');
  expect(response.headers.get('x-candor-served-by')).toMatch(new RegExp(`/${fallback}$`));
  expect(response.headers.get('x-should-retry')).toBeNull();
  const candor = row.stream ? readStream(text).candor : (JSON.parse(text) as { candor: object }).candor;
  expect(candor).toMatchObject({
    fallback: { reason: expected.code, certificate: null },
    degraded: { reason: 'uncertified' },
    attempts: [{ kind: expected.code.replace('upstream_', '') }, { kind: 'ok' }],
  });
  if (row.stream) expect(flawsOfCompleteStream(text)).toEqual([]);
  expectModels(text, row, [`sim-${fallback}`]);
  expect(record).toMatchObject({ status: 'complete', http: 200, error: null });
  expect(record.attempts).toHaveLength(2);
  expectAttempt(record.attempts[0], expected, row);
  expect(record.attempts[1]).toMatchObject({ n: 2, why: 'fallback', kind: 'ok' });
}

function expectError(given: Given, row: FaultCase, expected: Extract<Expected, { outcome: 'fails' }>): void {
  const { response, text, record } = given;
  const { error } = JSON.parse(text) as { error: { code: string; message: string; candor: Record<string, unknown> } };
  expect({ status: response.status, code: error.code }).toEqual({ status: expected.status, code: expected.code });
  expect(response.headers.get('content-type')).toBe('application/json');
  expect(response.headers.get('x-should-retry')).toBe(String(expected.shouldRetry));
  expect(response.headers.get('retry-after')).toBe(expected.retryAfterS === null ? null : String(expected.retryAfterS));
  expect(response.headers.get('x-candor-fallback')).toBe('?0');
  expect(response.headers.get('x-candor-served-by')).toBeNull();
  expect(error.message).toContain(`${row.protocol}/${PROTOCOLS[row.protocol].model}`);
  expect(error.candor).toMatchObject({
    id: record.id,
    retry: { advised: expected.shouldRetry },
    attempts: Array.from({ length: expected.isRetried ? 2 : 1 }, () => ({
      kind: expected.code.replace('upstream_', ''),
      status: expected.upstreamStatus,
    })),
  });
  expect(error.candor['fix']).toBeTypeOf('string');
  const refused = (error.candor['refused'] as { deployment: string; rule: string }[]).map(({ rule }) => rule);
  expect(refused).toEqual(row.mode === 'off' ? ['fallback'] : []);
  expect(record).toMatchObject({ status: 'failed', http: expected.status, error: { code: expected.code } });
  // Where nobody else may be asked, one more question may help: not after silence, nor of what is broken.
  expect(record.attempts).toHaveLength(expected.isRetried ? 2 : 1);
  expectAttempt(record.attempts[0], expected, row);
  if (expected.isRetried) expectAttempt(record.attempts[1], expected, row, { n: 2, why: 'retry' });
}

function expectBroken({ response, text, record }: Given, expected: Extract<Expected, { outcome: 'breaks' }>): void {
  expect(response.status).toBe(200);
  expect(flawsOfBrokenStream(text)).toEqual([]);
  const stream = readStream(text);
  expect(stream.error?.code).toBe(expected.code);
  expect(stream.error?.candor).toMatchObject({ id: record.id, retry: { advised: false } });
  expect(stream.hasContent).toBe(true);
  expect(record).toMatchObject({ status: 'failed', http: 200, error: { code: expected.code } });
  // Content had gone out: nobody else was asked.
  expect(record.attempts).toHaveLength(1);
  expect(record.attempts[0]).toMatchObject({
    kind: expected.code.replace('upstream_', ''),
    possibly_billed: expected.possiblyBilled,
  });
}

function expectAnswer({ response, text, record }: Given, row: FaultCase, finish: string): void {
  expect(response.status).toBe(200);
  expect(response.headers.get('x-candor-fallback')).toBe('?0');
  expect(response.headers.get('x-candor-degraded')).toBeNull();
  if (row.stream) {
    expect(flawsOfCompleteStream(text)).toEqual([]);
    expect(readStream(text).finishReasons).toEqual([finish]);
  } else {
    expect((JSON.parse(text) as { choices: { finish_reason: string }[] }).choices[0]?.finish_reason).toBe(finish);
  }
  expectModels(text, row, [`sim-${PROTOCOLS[row.protocol].model}`]);
  expect(record).toMatchObject({ status: 'complete', http: 200, error: null });
  expect(record.attempts).toHaveLength(1);
  expectAttempt(record.attempts[0], row.expected, row);
}

function expectModels(text: string, row: FaultCase, models: readonly string[]): void {
  const named = row.stream ? readStream(text).models : [(JSON.parse(text) as { model: string }).model];
  expect(named).toEqual(models);
}
