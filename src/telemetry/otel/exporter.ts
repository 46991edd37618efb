import type * as OpenTelemetry from '@opentelemetry/api';
import type { Attributes, Histogram, Meter, Tracer } from '@opentelemetry/api';

import type { AttemptRecord, GenerationRecord } from '../../core/record.ts';
import { VERSION } from '../../core/version.ts';
import { CANDOR, GEN_AI, METRICS, providerName, SCHEMA_URL } from './gen-ai-attributes.ts';
import type { AttemptStory, GenerationStory } from './generation-story.ts';

type Api = typeof OpenTelemetry;

/** Tells OpenTelemetry of requests that have ended. */
export interface GenerationExporter {
  export(story: GenerationStory): void;
}

/**
 * What tells OpenTelemetry of requests, where somebody listens; `null` where the package `@opentelemetry/api` is not
 * there, or the process has registered no SDK with it: then nothing is made that nobody would read. An SDK that is
 * registered later is not seen.
 * @param onFault is told of an SDK that fails already now: requests are served without it
 */
export async function openGenerationExporter(onFault: (cause: unknown) => void): Promise<GenerationExporter | null> {
  if (!(API_GLOBAL in globalThis)) return null;
  const api = await loadApi();
  try {
    return api && exporterOf(api);
  } catch (error) {
    onFault(error);
    return null;
  }
}

function exporterOf(api: Api): GenerationExporter | null {
  const provider = api.trace.getTracerProvider();
  const options = { schemaUrl: SCHEMA_URL };
  // Without an SDK the global provider is a proxy of nothing, and every meter is the same one that does nothing.
  const hasTracer =
    !(provider instanceof api.ProxyTracerProvider) || provider.getDelegateTracer('candor') !== undefined;
  const meter = api.metrics.getMeter('candor', VERSION, options);
  const hasMeter = meter !== api.createNoopMeter();
  if (!hasTracer && !hasMeter) return null;
  return new OpenTelemetryExporter(api, provider.getTracer('candor', VERSION, options), meter);
}

/** Where the package, in any version 1, keeps what is registered with it: to load it costs more than to look. */
const API_GLOBAL = Symbol.for('opentelemetry.js.api.1');

async function loadApi(): Promise<Api | null> {
  try {
    return await import('@opentelemetry/api');
  } catch {
    return null;
  }
}

class OpenTelemetryExporter implements GenerationExporter {
  readonly #api: Api;
  readonly #tracer: Tracer;
  readonly #duration: Histogram;
  readonly #firstChunk: Histogram;
  readonly #tokens: Histogram;

  constructor(api: Api, tracer: Tracer, meter: Meter) {
    this.#api = api;
    this.#tracer = tracer;
    this.#duration = histogram(meter, METRICS.duration);
    this.#firstChunk = histogram(meter, METRICS.firstChunk);
    this.#tokens = histogram(meter, METRICS.tokens);
  }

  /**
   * One span for the request, as the client sees it, and one below it for each attempt. The first is INTERNAL: it covers
   * what happens here; the calls to providers, which are CLIENT as the conventions want them, are the attempts. Tokens
   * are on the attempts alone, so that whoever sums spans counts each once.
   */
  export(story: GenerationStory): void {
    const { record } = story;
    const { SpanKind, SpanStatusCode, trace } = this.#api;
    const operation = operationOf(record);
    const name = knownName(record);
    const span = this.#tracer.startSpan(
      name === null ? operation : `${operation} ${name}`,
      { kind: SpanKind.INTERNAL, startTime: story.startedAtMs, attributes: requestAttributes(record) },
      this.#parent(story.traceparent),
    );
    const context = trace.setSpan(this.#api.ROOT_CONTEXT, span);
    for (const [index, attempt] of record.attempts.entries()) {
      const moments = story.attempts[index];
      if (moments !== undefined) this.#exportAttempt(record, attempt, moments, context);
    }
    if (record.error !== null) span.setStatus({ code: SpanStatusCode.ERROR, message: record.error.code });
    span.end(story.endedAtMs);
  }

  #exportAttempt(
    record: GenerationRecord,
    attempt: AttemptRecord,
    { startedAtMs, endedAtMs, providerKind }: AttemptStory,
    context: OpenTelemetry.Context,
  ): void {
    const { SpanKind, SpanStatusCode } = this.#api;
    const failed = attempt.kind === 'ok' ? null : attempt.kind;
    const common = withoutUnknown({
      [GEN_AI.operation]: operationOf(record),
      [GEN_AI.provider]: providerName(providerKind),
      [GEN_AI.requestModel]: attempt.model_asked,
      [GEN_AI.responseModel]: attempt.model_reported,
    });
    const span = this.#tracer.startSpan(
      `${operationOf(record)} ${attempt.model_asked}`,
      {
        kind: SpanKind.CLIENT,
        startTime: startedAtMs,
        attributes: { ...common, ...attemptAttributes(record, attempt), ...errorType(failed) },
      },
      context,
    );
    if (failed !== null) span.setStatus({ code: SpanStatusCode.ERROR, message: failed });
    span.end(endedAtMs);
    this.#duration.record((endedAtMs - startedAtMs) / 1000, { ...common, ...errorType(failed) });
    const { first_token: firstTokenMs } = attempt.timings_ms;
    if (record.stream && firstTokenMs !== null) this.#firstChunk.record(firstTokenMs / 1000, common);
    const { prompt_tokens: input = null, completion_tokens: output = null } = attempt.usage ?? {};
    if (input !== null) this.#tokens.record(input, { ...common, [GEN_AI.tokenType]: 'input' });
    if (output !== null) this.#tokens.record(output, { ...common, [GEN_AI.tokenType]: 'output' });
  }

  /** Where the client's own span is; the root where it named none. */
  #parent(traceparent: string | null): OpenTelemetry.Context {
    const { ROOT_CONTEXT, trace } = this.#api;
    const [, traceId, spanId, flags] = traceparent?.split('-') ?? [];
    if (traceId === undefined || spanId === undefined) return ROOT_CONTEXT;
    const traceFlags = Number.parseInt(flags ?? '0', 16);
    return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true });
  }
}

function histogram(
  meter: Meter,
  { name, description, unit, buckets }: (typeof METRICS)[keyof typeof METRICS],
): Histogram {
  return meter.createHistogram(name, { description, unit, advice: { explicitBucketBoundaries: [...buckets] } });
}

function operationOf({ dialect }: GenerationRecord): 'chat' | 'embeddings' {
  return dialect === 'openai-embeddings' ? 'embeddings' : 'chat';
}

/**
 * The route that was asked, or the model; `null`: it led nowhere. Where a header or a rule chose the route, the name beside
 * it is the client's own text, and there is no end of those.
 */
function knownName({ candidates, route, asked }: GenerationRecord): string | null {
  return candidates.length === 0 ? null : (route ?? asked);
}

function requestAttributes(record: GenerationRecord): Attributes {
  // Of answers that are delivered although they are not valid, others may have been asked afterwards.
  const last = record.attempts.findLast(({ kind }) => kind === 'ok') ?? record.attempts.at(-1);
  const served = record.served_by === null ? null : (last ?? null);
  return withoutUnknown({
    [GEN_AI.operation]: operationOf(record),
    [GEN_AI.requestModel]: knownName(record),
    [GEN_AI.requestStream]: record.stream,
    [GEN_AI.responseId]: record.id,
    [GEN_AI.responseModel]: served?.model_reported ?? null,
    [GEN_AI.finishReasons]: served === null || served.finish === null ? null : [served.finish],
    ...errorType(record.error?.code ?? null),
    [CANDOR.route]: record.route,
    [CANDOR.dialect]: record.dialect,
    [CANDOR.status]: record.status,
    [CANDOR.servedBy]: record.served_by,
    [CANDOR.fallbackReason]: record.fallback?.reason ?? null,
    [CANDOR.degradedReason]: record.degraded?.reason ?? null,
    [CANDOR.validation]: record.validation.status,
    [CANDOR.simulated]: record.simulated,
    [CANDOR.cost]: nanoUsd(record.cost),
    [CANDOR.attempts]: record.attempts.length,
  });
}

function attemptAttributes(record: GenerationRecord, attempt: AttemptRecord): Attributes {
  const { usage } = attempt;
  return withoutUnknown({
    [GEN_AI.requestStream]: record.stream,
    [GEN_AI.finishReasons]: attempt.finish === null ? null : [attempt.finish],
    [GEN_AI.inputTokens]: usage?.prompt_tokens ?? null,
    [GEN_AI.outputTokens]: usage?.completion_tokens ?? null,
    [GEN_AI.cacheReadTokens]: usage?.cached_tokens ?? null,
    [GEN_AI.cacheWriteTokens]: usage?.cache_write_tokens ?? null,
    [GEN_AI.reasoningTokens]: usage?.reasoning_tokens ?? null,
    [GEN_AI.httpStatus]: attempt.status,
    [CANDOR.deployment]: attempt.deployment,
    [CANDOR.attempt]: attempt.n,
    [CANDOR.why]: attempt.why,
    [CANDOR.cost]: nanoUsd(attempt.cost),
    [CANDOR.upstreamRequest]: attempt.upstream.request_id,
  });
}

function errorType(type: string | null): Attributes {
  return type === null ? {} : { [GEN_AI.errorType]: type };
}

const NANO = 1e9;

function nanoUsd(usd: number | null): number | null {
  return usd === null ? null : Math.round(usd * NANO);
}

/** What is not known is left out. */
function withoutUnknown(attributes: Readonly<Record<string, Attributes[string] | null>>): Attributes {
  return Object.fromEntries(
    Object.entries(attributes).flatMap(([name, value]) => (value === null ? [] : [[name, value]])),
  );
}
