import { z } from 'zod';

import { PURPOSES } from '../../src/pipeline/aside.ts';
import { decisionSchema } from './decision-schema.ts';

/**
 * What a client may rely on, member by member: the `candor` object and the record behind
 * `GET /v1/generations/{id}`. Strict: a member that is not written here fails, as does a missing one.
 */

const name = z.string().min(1);
const milliseconds = z.int().nonnegative();
const tokens = z.int().nonnegative().nullable();
const usd = z.number().nonnegative().nullable();
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const instant = z.iso.datetime({ precision: 3 });

const adjustmentSchema = z.strictObject({
  param: name,
  asked: z.json(),
  sent: z.json(),
  kind: z.enum(['capped', 'clamped', 'defaulted', 'dropped', 'renamed', 'rewritten', 'emulated', 'brief']),
  reason: name,
  at: name,
});

const validationSchema = z.strictObject({
  status: z.enum(['passed', 'repaired', 'failed', 'unverified', 'none']),
  verdicts: z.array(
    z.strictObject({
      validator: name,
      outcome: z.enum(['pass', 'fail', 'abstain']),
      reason: name.nullable(),
      place: name.optional(),
      evidence: z.array(z.json()).nullable().optional(),
    }),
  ),
});

const attemptSummary = {
  deployment: z.string().regex(/^[\w.-]+\/[\w.-]+$/),
  status: z.int().min(100).max(599).nullable(),
  kind: name,
  ms: milliseconds,
  cost: usd,
};

const provenance = {
  asked: name,
  route: name.nullable(),
  served_by: name.nullable(),
  simulated: z.boolean(),
  attempts: z.array(z.strictObject(attemptSummary)),
  fallback: z.strictObject({ reason: name, certificate: z.string().startsWith('cert_').nullable() }).nullable(),
  degraded: z
    .strictObject({ reason: z.enum(['uncertified', 'validation_failed', 'unverified', 'slo', 'event_skipped']) })
    .nullable(),
  adjustments: z.array(adjustmentSchema),
  validation: validationSchema,
  confidence: z.strictObject({
    value: z.number().min(0).max(1).nullable(),
    status: z.enum(['calibrated', 'transferred', 'uncalibrated', 'unknown']),
    signals: z.record(z.string(), z.json()),
    lower95: z.number().min(0).max(1).optional(),
    n: z.number().nonnegative().optional(),
    fields: z
      .record(z.string(), z.strictObject({ likelihood: z.number().min(0).max(1), margin: z.number().nullable() }))
      .optional(),
  }),
  data: z.array(name).min(1),
  why: name,
  trace: z.url({ protocol: /^https?$/ }).regex(/\/r\/gen_[0-9A-Z]{26}$/),
};

/** The `candor` object of an answer. */
export const provenanceSchema = z.strictObject(provenance);
export type ReadProvenance = z.infer<typeof provenanceSchema>;

const body = z.strictObject({ body: z.string().nullable(), sha256: sha256.nullable() });

const usageSchema = z.strictObject({
  prompt_tokens: tokens,
  completion_tokens: tokens,
  total_tokens: tokens,
  cached_tokens: tokens,
  cache_write_tokens: tokens,
  reasoning_tokens: tokens,
  source: z.enum(['reported', 'exact', 'estimated']),
});

/** USD per million tokens, in the words of the config. */
const priceSchema = z.strictObject({
  in: z.number().nullable(),
  out: z.number().nullable(),
  cached: z.number().nullable(),
  cache_write: z.number().nullable(),
  cache_write_1h: z.number().nullable(),
  as_of: z.iso.date().nullable(),
  source: name.nullable(),
  /** Whose figure the cost is: the vendor's own, or tokens times the price here. */
  basis: z.enum(['list', 'reported']),
  /** What chose the rates beside the model: dates, hours, length, region, tier. */
  terms: name.nullable(),
  lines: z.array(
    z.strictObject({
      bucket: z.enum(['input', 'cached', 'cache_write', 'cache_write_1h', 'output']),
      tokens: z.int().min(1),
      usd_per_million: z.number().nullable(),
    }),
  ),
  nano_usd: z.int().nullable(),
  unknown: name.nullable(),
});

const attemptSchema = z.strictObject({
  ...attemptSummary,
  n: z.int().min(1),
  why: z.enum(['primary', 'retry', 'fallback', 'reask']),
  model_asked: name,
  model_reported: name.nullable(),
  region_reported: name.nullable(),
  template: name.nullable(),
  sent: body.extend({ sha256 }),
  received: body,
  usage: usageSchema.nullable(),
  price: priceSchema.nullable(),
  finish: z.enum(['stop', 'length', 'tool_calls', 'content_filter']).nullable(),
  finish_native: name.nullable(),
  upstream: z.strictObject({
    request_id: name.nullable(),
    error: z
      .strictObject({
        status: z.int().nullable(),
        code: name.nullable(),
        message: name.nullable(),
        param: name.nullable(),
      })
      .nullable(),
  }),
  possibly_billed: z.boolean(),
  timings_ms: z.strictObject({
    queue: milliseconds.nullable(),
    connect: milliseconds.nullable(),
    headers: milliseconds.nullable(),
    first_token: milliseconds.nullable(),
    last: milliseconds.nullable(),
    total: milliseconds,
  }),
  sim_fault: name.nullable(),
  adjustments: z.array(adjustmentSchema),
  validation: validationSchema,
  flags: z.array(name),
});

const hashed = z.strictObject({ sha256 }).nullable();
const hookRunSchema = z.strictObject({
  hook: z.enum(['task', 'prompt', 'params', 'validate', 'confidence', 'onRecord']),
  at: name,
  outcome: z.enum(['ok', 'unchanged', 'failed', 'timed_out', 'invalid']),
  ms: z.number().nonnegative(),
  before: hashed,
  after: hashed,
  reason: name.nullable(),
  attempt: z.int().min(1).nullable(),
});

/** The record of one generation that has ended. */
export const recordSchema = z.strictObject({
  ...provenance,
  attempts: z.array(attemptSchema),
  id: z.string().regex(/^gen_[0-9A-HJKMNP-TV-Z]{26}$/),
  object: z.literal('generation'),
  status: z.enum(['complete', 'failed', 'cancelled', 'interrupted']),
  http: z.int(),
  error: z.strictObject({ code: name, message: name }).nullable(),
  created_at: instant,
  ended_at: instant,
  key: name.nullable(),
  dialect: z.enum(['openai-chat', 'openai-responses', 'openai-embeddings', 'anthropic-messages', 'gemini-generate']),
  stream: z.boolean(),
  config: z.string().regex(/^[0-9a-f]{12}$/),
  request: body.extend({
    params: z.record(z.string(), z.json()),
    tags: z.record(z.string(), z.string()),
    directives: z
      .strictObject({ fallback: name.optional(), timeout_ms: milliseconds.optional(), max_cost_usd: usd.optional() })
      .optional(),
    headers: z.record(z.string(), z.string()).optional(),
    sha256,
  }),
  candidates: z.array(
    z.strictObject({
      deployment: name,
      verdict: z.enum(['tried', 'eligible', 'excluded']),
      reasons: z.array(
        z.strictObject({
          rule: name,
          need: z.json(),
          have: z.json(),
          evidence: name.nullable(),
          at: name.nullable(),
        }),
      ),
    }),
  ),
  decision: decisionSchema.nullable(),
  usage: usageSchema.nullable(),
  cost: usd,
  hooks: z.array(hookRunSchema).optional(),
  asides: z
    .array(z.strictObject({ id: name, purpose: z.enum(PURPOSES), deployment: name.nullable(), cost: usd }))
    .optional(),
  aside: z.strictObject({ purpose: z.enum(PURPOSES), of: name.nullable() }).optional(),
  replay_of: name.optional(),
  content: z.enum(['kept', 'not_kept', 'erased', 'lost']),
  chain: z.strictObject({
    writer: name,
    seq: z.int().positive(),
    prev: sha256,
    hash: sha256,
  }),
});
export type ReadRecord = z.infer<typeof recordSchema>;
