/**
 * The names Candor gives OpenTelemetry. Those of the GenAI conventions are "in development" and change from one version to
 * the next, so they stand here alone, as of semantic conventions 1.45.0 (`gen_ai.*`, before they moved to
 * github.com/open-telemetry/semantic-conventions-genai); a newer version is taken over by changing this file.
 */
export const SCHEMA_URL = 'https://opentelemetry.io/schemas/1.45.0';

/** Attributes of the conventions. */
export const GEN_AI = {
  operation: 'gen_ai.operation.name',
  provider: 'gen_ai.provider.name',
  requestModel: 'gen_ai.request.model',
  requestStream: 'gen_ai.request.stream',
  responseModel: 'gen_ai.response.model',
  responseId: 'gen_ai.response.id',
  finishReasons: 'gen_ai.response.finish_reasons',
  inputTokens: 'gen_ai.usage.input_tokens',
  outputTokens: 'gen_ai.usage.output_tokens',
  cacheReadTokens: 'gen_ai.usage.cache_read.input_tokens',
  cacheWriteTokens: 'gen_ai.usage.cache_creation.input_tokens',
  reasoningTokens: 'gen_ai.usage.reasoning.output_tokens',
  tokenType: 'gen_ai.token.type',
  errorType: 'error.type',
  httpStatus: 'http.response.status_code',
} as const;

/** Attributes of our own, where the conventions have none. Costs are nano-USD. */
export const CANDOR = {
  route: 'candor.route',
  dialect: 'candor.dialect',
  status: 'candor.status',
  servedBy: 'candor.served_by',
  fallbackReason: 'candor.fallback.reason',
  degradedReason: 'candor.degraded.reason',
  validation: 'candor.validation.status',
  simulated: 'candor.simulated',
  cost: 'candor.cost.usd_nano',
  attempts: 'candor.attempts',
  deployment: 'candor.deployment',
  attempt: 'candor.attempt',
  why: 'candor.attempt.why',
  upstreamRequest: 'candor.upstream.request_id',
} as const;

/** Metrics of the conventions, and the buckets these advise. */
export const METRICS = {
  duration: {
    name: 'gen_ai.client.operation.duration',
    description: 'Duration of one request to one provider.',
    unit: 's',
    buckets: [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92],
  },
  firstChunk: {
    name: 'gen_ai.client.operation.time_to_first_chunk',
    description: 'Time to the first content of a stream.',
    unit: 's',
    buckets: [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
  },
  tokens: {
    name: 'gen_ai.client.token.usage',
    description: 'Tokens read and written.',
    unit: '{token}',
    buckets: [1, 4, 16, 64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864],
  },
} as const;

/** Well-known values of `gen_ai.provider.name` by the kind of a provider; another kind goes by its own name. */
const PROVIDERS: Readonly<Record<string, string>> = { google: 'gcp.gemini', vertex: 'gcp.vertex_ai' };

export function providerName(kind: string): string {
  return PROVIDERS[kind] ?? kind;
}
