import { metrics, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
  type HistogramMetricData,
} from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  type ReadableSpan,
} from '@opentelemetry/sdk-trace-base';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { openGenerationExporter } from '../src/telemetry/otel/exporter.ts';
import { startTestGateway, type TestGateway } from './support/gateway.ts';

const SECRET_WORDS = 'the heron nests in the reeds';
const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const SPAN_ID = 'b7ad6b7169203331';
const CONFIG = `providers:
  openai: { sim: true }
  anthropic: { sim: true }
models:
  gpt-4o: { at: openai }
  claude-opus: { at: anthropic, id: claude-opus-4-8 }
routes:
  legal: { try: [gpt-4o, claude-opus], fallback: degraded }
`;

let spans: InMemorySpanExporter;
let gateway: TestGateway | null;
beforeEach(() => {
  spans = new InMemorySpanExporter();
  gateway = null;
});
afterEach(async () => {
  await gateway?.close();
  trace.disable();
  metrics.disable();
});

function listen(): void {
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }));
}

async function ask(
  body: Readonly<Record<string, unknown>> = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  if (gateway === null) throw new Error('no gateway');
  const messages = [{ role: 'user', content: SECRET_WORDS }];
  return await gateway.post('/v1/chat/completions', { model: 'legal', messages, ...body }, headers);
}

/** The request is told of once its answer has gone out. */
async function spansOf(count: number): Promise<readonly ReadableSpan[]> {
  await expect.poll(() => spans.getFinishedSpans().length).toBe(count);
  return spans.getFinishedSpans().toSorted((a, b) => milliseconds(a.startTime) - milliseconds(b.startTime));
}

function milliseconds([seconds, nanoseconds]: ReadableSpan['startTime']): number {
  return seconds * 1000 + nanoseconds / 1e6;
}

describe('spans', () => {
  test('one for the request below the client’s own, and one below it for each attempt', async () => {
    listen();
    gateway = await startTestGateway({ config: CONFIG });
    const before = Date.now();
    const traceparent = `00-${TRACE_ID}-${SPAN_ID}-01`;
    const response = await ask({}, { 'x-candor-sim': 'openai=503', traceparent });
    const answer = (await response.json()) as { id: string; model: string };
    const [first, ...rest] = await spansOf(3);
    const request = [first, ...rest].find((span) => span?.kind === SpanKind.INTERNAL);
    const attempts = rest.concat(first === undefined ? [] : [first]).filter((span) => span.kind === SpanKind.CLIENT);

    expect(request?.name).toBe('chat legal');
    expect(request?.parentSpanContext).toMatchObject({ traceId: TRACE_ID, spanId: SPAN_ID, isRemote: true });
    expect(request?.attributes).toMatchObject({
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': 'legal',
      'gen_ai.response.id': answer.id,
      'gen_ai.response.model': answer.model,
      'gen_ai.response.finish_reasons': ['stop'],
      'candor.route': 'legal',
      'candor.served_by': 'anthropic/claude-opus',
      'candor.fallback.reason': 'upstream_overloaded',
      'candor.degraded.reason': 'uncertified',
      'candor.attempts': 2,
    });
    expect(request?.status.code).toBe(SpanStatusCode.UNSET);

    expect(attempts.map(({ name }) => name).toSorted()).toEqual(['chat claude-opus-4-8', 'chat gpt-4o']);
    const [failed, served] = ['openai/gpt-4o', 'anthropic/claude-opus'].map((deployment) =>
      attempts.find(({ attributes }) => attributes['candor.deployment'] === deployment),
    );
    expect(failed?.status).toEqual({ code: SpanStatusCode.ERROR, message: 'overloaded' });
    expect(failed?.attributes).toMatchObject({
      'gen_ai.provider.name': 'openai',
      'error.type': 'overloaded',
      'http.response.status_code': 503,
      'candor.attempt': 1,
      'candor.cost.usd_nano': 0,
    });
    expect(failed?.attributes).not.toHaveProperty('gen_ai.usage.input_tokens');
    const record = await gateway.record(answer.id);
    const { usage, cost } = (record['attempts'] as { usage: Record<string, number>; cost: number }[])[1]!;
    expect(served?.attributes).toMatchObject({
      'gen_ai.provider.name': 'anthropic',
      'gen_ai.usage.input_tokens': usage['prompt_tokens'],
      'gen_ai.usage.output_tokens': usage['completion_tokens'],
      'candor.attempt': 2,
      'candor.attempt.why': 'fallback',
      'candor.cost.usd_nano': Math.round(cost * 1e9),
    });
    for (const attempt of attempts) {
      expect(attempt.parentSpanContext?.spanId).toBe(request?.spanContext().spanId);
      expect(attempt.spanContext().traceId).toBe(TRACE_ID);
    }
    // Each within the request, one after the other, at the time of day it happened.
    const moments = [request?.startTime, failed?.startTime, failed?.endTime, served?.startTime, served?.endTime];
    const times = [...moments, request?.endTime].map((time) => milliseconds(time ?? [0, 0]));
    expect(times[0]).toBeGreaterThanOrEqual(before - 2);
    expect(times.at(-1)).toBeLessThanOrEqual(Date.now() + 2);
    for (const [index, time] of times.entries()) expect(time).toBeGreaterThanOrEqual((times[index - 1] ?? 0) - 2);
  });

  test('what clients and models wrote is in none of them', async () => {
    listen();
    gateway = await startTestGateway({ config: CONFIG });
    const response = await ask({ model: 'gpt-4o', candor: { tags: { team: 'wading-birds' } } });
    const { choices } = (await response.json()) as { choices: { message: { content: string } }[] };
    const told = JSON.stringify(
      (await spansOf(2)).map(({ name, attributes, events }) => ({ name, attributes, events })),
    );
    expect(told).toContain('gpt-4o');
    expect(told).not.toContain('heron');
    expect(told).not.toContain('wading-birds');
    expect(told).not.toContain(choices[0]?.message.content.slice(0, 20));
  });

  test('a request that leads nowhere has no name of the client’s making, and says why it failed', async () => {
    listen();
    gateway = await startTestGateway({ config: CONFIG });
    await ask({ model: 'made-up-by-a-client' });
    const [span] = await spansOf(1);
    expect(span?.name).toBe('chat');
    expect(span?.status).toEqual({ code: SpanStatusCode.ERROR, message: 'model_not_found' });
    expect(span?.attributes).toMatchObject({ 'error.type': 'model_not_found', 'candor.status': 'failed' });
    expect(JSON.stringify(span?.attributes)).not.toContain('made-up-by-a-client');
  });

  test('nor has one whose route a header named, whatever stands beside it as the model', async () => {
    listen();
    gateway = await startTestGateway({ config: CONFIG });
    const response = await ask({ model: 'made-up-by-a-client' }, { 'x-candor-route': 'legal' });
    expect(response.status).toBe(200);
    const told = (await spansOf(2)).map(({ name, attributes }) => ({ name, attributes }));
    expect(told.map(({ name }) => name)).toContain('chat legal');
    expect(JSON.stringify(told)).not.toContain('made-up-by-a-client');
  });

  test('a client that does not sample its trace has none made', async () => {
    listen();
    gateway = await startTestGateway({ config: CONFIG });
    await ask({}, { traceparent: `00-${TRACE_ID}-${SPAN_ID}-00` });
    const sampled = await ask({}, { traceparent: `00-${TRACE_ID}-${SPAN_ID}-01` });
    expect(sampled.status).toBe(200);
    expect(await spansOf(2)).toHaveLength(2);
  });
});

test('metrics of each call to a provider, with the names and buckets of the conventions', async () => {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
  gateway = await startTestGateway({ config: CONFIG });
  await (await ask({ model: 'legal', stream: true }, { 'x-candor-sim': 'openai=503' })).text();
  // The last bytes go out before the meters are told.
  await (await ask({ model: 'gpt-4o' })).json();
  await expect
    .poll(async () => {
      await reader.forceFlush();
      return histograms(exporter)['gen_ai.client.operation.duration']?.length;
    })
    .toBe(3);
  const found = histograms(exporter);
  expect(found['gen_ai.client.operation.duration']).toContainEqual({
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': 'gpt-4o',
    'error.type': 'overloaded',
  });
  const served = { 'gen_ai.provider.name': 'anthropic', 'gen_ai.request.model': 'claude-opus-4-8' };
  expect(found['gen_ai.client.operation.time_to_first_chunk']).toEqual([expect.objectContaining(served)]);
  expect(found['gen_ai.client.token.usage']).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ ...served, 'gen_ai.token.type': 'input' }),
      expect.objectContaining({ ...served, 'gen_ai.token.type': 'output' }),
    ]),
  );
});

/** The attributes of the series of each histogram, as they were last exported. */
function histograms(exporter: InMemoryMetricExporter): Readonly<Record<string, readonly unknown[]>> {
  const scopes = exporter.getMetrics().at(-1)?.scopeMetrics ?? [];
  const data = scopes.flatMap((scope) => scope.metrics) as HistogramMetricData[];
  return Object.fromEntries(
    data.map((metric) => [metric.descriptor.name, metric.dataPoints.map((at) => at.attributes)]),
  );
}

test('where nobody has registered an SDK, nothing is made', async () => {
  const open = (): Promise<unknown> => openGenerationExporter((cause) => expect.fail(String(cause)));
  expect(await open()).toBeNull();
  listen();
  expect(await open()).not.toBeNull();
});

describe('an SDK that fails', () => {
  const fail = (): never => {
    throw new Error('out of order');
  };

  test('when a request has ended leaves the answer as it is', async () => {
    trace.setGlobalTracerProvider({ getTracer: () => ({ startSpan: fail, startActiveSpan: fail }) });
    gateway = await startTestGateway({ config: CONFIG });
    for (const stream of [false, true, true]) {
      const response = await ask({ stream });
      expect([response.status, (await response.text()).length > 0]).toEqual([200, true]);
    }
  });

  test('when the gateway begins is reported, and requests are served without it', async () => {
    trace.setGlobalTracerProvider({ getTracer: fail });
    const faults: unknown[] = [];
    expect(await openGenerationExporter((cause) => faults.push(cause))).toBeNull();
    expect(faults).toEqual([new Error('out of order')]);
    gateway = await startTestGateway({ config: CONFIG });
    expect((await ask()).status).toBe(200);
  });
});
