import { z } from 'zod';

import { triedRuleSchema } from './decision-schema.ts';
import { provenanceSchema, recordSchema } from './provenance-schema.ts';

/**
 * The bodies of the HTTP interface beside the provenance: tests check real answers against them, and
 * `openapi.json` is made of them. What is a vendor's own stays open; what is ours is strict.
 */

const name = z.string().min(1);
const reason = z.strictObject({
  rule: name,
  need: z.json(),
  have: z.json(),
  evidence: name.nullable(),
  at: name.nullable(),
});

/** What clients send: OpenAI's chat completion, with the `candor` member. Every other member is the vendor's. */
export const chatRequestSchema = z.looseObject({
  model: name.describe('a route, a model, or provider/model'),
  messages: z.array(z.looseObject({ role: name })).min(1),
  stream: z.boolean().nullish(),
  candor: z
    .strictObject({
      route: name.optional(),
      fallback: z.enum(['degraded', 'off']).optional(),
      timeout_ms: z.int().positive().optional(),
      max_cost_usd: z.number().positive().optional().describe('what the whole request may cost at most'),
      tags: z.record(z.string(), z.string()).optional(),
      dry_run: z.boolean().optional(),
      if: z
        .string()
        .optional()
        .describe('dry runs only: outage=openai,clock=14:00@Asia/Shanghai,price.deepseek.in=0.5'),
      tokens: z.int().nonnegative().optional().describe('dry runs only: the length of the prompt to reckon with'),
    })
    .nullish(),
});

/** A whole answer. */
export const completionSchema = z.looseObject({
  id: name,
  object: z.literal('chat.completion'),
  model: name.nullable(),
  choices: z.array(
    z.looseObject({
      index: z.int(),
      message: z.looseObject({ role: z.literal('assistant'), content: z.string().nullable() }),
      finish_reason: name,
    }),
  ),
  usage: z.looseObject({ cost: z.number().nullable() }).nullable(),
  candor: provenanceSchema.optional(),
});

/** The envelope of every error. */
export const errorSchema = z.strictObject({
  error: z.strictObject({
    message: name,
    type: name,
    param: z.string().nullable(),
    code: name,
    candor: z.looseObject({
      id: name,
      retry: z.strictObject({ advised: z.boolean(), after_ms: z.number().nullable() }),
      attempts: z.array(
        z.looseObject({
          deployment: name,
          status: z.int().nullable(),
          kind: name,
          ms: z.int(),
          cost: z.number().nullable(),
        }),
      ),
      refused: z.array(reason.extend({ deployment: name })),
      fix: name,
      trace: z.string().nullable(),
    }),
  }),
});

const share = z.strictObject({ n: z.number().nonnegative(), share: z.number().min(0).max(1).nullable() });
const milliseconds = z.number().nonnegative().nullable();

/** What is measured of one deployment on one route; counts decay, so that they are no whole numbers. */
export const measuredSchema = z.strictObject({
  deployment: name,
  route: name.nullable(),
  n: z.number().nonnegative(),
  ttft: z.strictObject({
    n: z.number().nonnegative(),
    p50_ms: milliseconds,
    p95_ms: milliseconds,
    p99_ms: milliseconds,
  }),
  tokens_per_second: z.strictObject({ n: z.number().nonnegative(), p50: z.number().nonnegative().nullable() }),
  error_rate: share,
  stall_rate: share,
  valid_rate: share,
  refusal_rate: share,
  repair_rate: share,
  errors: z.record(z.string(), z.number().nonnegative()),
  cost_per_accepted: z.strictObject({
    n: z.number().nonnegative(),
    usd: z.number().nonnegative().nullable(),
    unpriced: z.number().nonnegative(),
  }),
});

/** Whether a deployment is asked. */
export const circuitSchema = z.strictObject({
  state: z.enum(['closed', 'half_open', 'open', 'cooling']),
  reason: name.nullable(),
  retry_in_ms: z.number().nonnegative().nullable(),
});

/** How many processes serve the port, and how many of them have answered. */
const processes = { workers: z.int().positive(), answered: z.int().nonnegative() };

/** What every process has measured, and its circuits. */
export const telemetrySchema = z.strictObject({
  object: z.literal('telemetry'),
  ...processes,
  processes: z.array(
    z.strictObject({
      pid: z.int().positive(),
      circuits: z.array(circuitSchema.extend({ deployment: name, key: name })),
      measured: z.array(measuredSchema),
    }),
  ),
});

/** Circuits and objectives that changed, newest first. */
export const decisionListSchema = z.strictObject({
  object: z.literal('list'),
  ...processes,
  data: z.array(
    z.strictObject({
      at: z.iso.datetime({ precision: 3 }),
      pid: z.int().positive(),
      kind: z.enum(['circuit', 'objective', 'shadow']),
      deployment: name,
      route: name.nullable(),
      what: name,
      reason: name,
      key: z.string().optional(),
      retry_in_ms: z.number().nonnegative().optional(),
    }),
  ),
});

/** How many circuits were closed that were not. */
export const closedCircuitsSchema = z.strictObject({
  object: z.literal('circuits'),
  ...processes,
  closed: z.int().nonnegative(),
});

/** A route, a model or a deployment that can be asked. */
export const modelSchema = z.strictObject({
  id: name,
  object: z.literal('model'),
  created: z.int(),
  owned_by: name,
  candor: z.looseObject({
    kind: z.enum(['route', 'model', 'deployment']),
    measured: z.array(measuredSchema).optional().describe('of routes and deployments: by deployment and route'),
    circuit: circuitSchema.optional().describe('of deployments'),
  }),
});

export const modelListSchema = z.strictObject({ object: z.literal('list'), data: z.array(modelSchema) });

/** A record as a list or a look-up shows it, also of a generation that has not ended. */
export const generationSchema = recordSchema.extend({
  asked: name.nullable(),
  status: z.enum(['running', 'complete', 'failed', 'cancelled', 'interrupted']),
  http: z.int().nullable(),
  ended_at: z.iso.datetime({ precision: 3 }).nullable(),
  validation: recordSchema.shape.validation.extend({
    status: z.enum(['passed', 'repaired', 'failed', 'unverified', 'pending', 'none']),
  }),
  // Of a generation that has not ended, or never did, only the beginning is known.
  request: recordSchema.shape.request.partial({ params: true, tags: true }),
});

export const generationListSchema = z.strictObject({
  object: z.literal('list'),
  data: z.array(generationSchema),
  next_cursor: name.nullable(),
});

/** In milliseconds, tokens a second, a share, or USD; `n` is decayed. */
const objectiveSchema = z.strictObject({
  name: z.enum(['ttft_p95', 'tokens_per_second', 'error_rate', 'valid_rate', 'cost_per_request']),
  limit: z.number(),
  value: z.number().nullable(),
  n: z.number().nonnegative(),
  met: z.boolean().nullable(),
});

/** One candidate as an explanation shows it. */
export const explainedCandidateSchema = z.strictObject({
  deployment: name,
  verdict: z.enum(['eligible', 'excluded']),
  reasons: z.array(reason),
  circuit: circuitSchema.shape.state.nullable(),
  stands_in: z
    .array(z.strictObject({ for: name, certificate: name.nullable(), state: name, reason: name }))
    .describe('whether it has earned to answer in the place of another model'),
  prompt: z.strictObject({ file: name, at: name }).nullable().optional().describe('its template on the route'),
  objectives: z.array(objectiveSchema),
  price: z
    .strictObject({
      in: z.number(),
      out: z.number().nullable(),
      cached: z.number().nullable(),
      as_of: z.iso.date().nullable(),
      age_days: z.int().min(0).nullable(),
      source: name.nullable(),
    })
    .nullable(),
  estimate: z.strictObject({
    ttft_p50_ms: z.number().nullable(),
    ttft_p95_ms: z.number().nullable(),
    cost: z.number().nullable(),
    cost_band: z.tuple([z.number(), z.number()]).nullable(),
    n: z.int(),
  }),
});

/** The answer to a dry run. Unknown numbers are `null`. */
const explanation = {
  object: z.literal('explanation'),
  config: z.string().regex(/^[0-9a-f]{12}$/),
  asked: name,
  route: name.nullable(),
  chosen_by: z.strictObject({ by: z.enum(['model', 'header', 'rule', 'hook']), at: name.nullable() }),
  rules: z.array(triedRuleSchema).describe('those tried for `model: auto`, in order'),
  data: z.array(name),
  candidates: z.array(explainedCandidateSchema),
  plan: z.array(
    z.strictObject({
      deployment: name,
      template: name.nullable(),
      adjustments: recordSchema.shape.adjustments,
    }),
  ),
  then: z.strictObject({ http: z.int().nullable(), code: name.nullable() }),
  notes: z.array(name),
};

/** What would happen to a request. */
export const dryRunSchema = z.strictObject(explanation);

/** Why a recorded request went where it went, and what it would get now. */
const recordedExplanationSchema = z.strictObject({
  ...explanation,
  asked: name.nullable(),
  generation: name,
  decided_again: z
    .strictObject({ same: z.boolean(), order: z.array(name), usual: name.nullable() })
    .nullable()
    .describe('what comes out when it is decided again from what is recorded; null: it was not decided'),
  now: dryRunSchema.nullable(),
});

export const explanationSchema = z.union([dryRunSchema, recordedExplanationSchema]);

export const explainRequestSchema = z.union([
  chatRequestSchema,
  z.strictObject({ generation: name, model: name.nullable().optional() }),
]);

/** What a recorded request is run again with: a model of its route, and which config. */
export const replayRequestSchema = z.strictObject({
  model: name.nullable().optional().describe('the only model that may answer; left out: whoever the plan names'),
  config: z.enum(['then', 'now']).nullable().optional().describe('`then`: refused unless it is the one in force'),
});

/** The record of a replay. */
export const replaySchema = generationSchema.extend({
  replay_of: name,
  agreement: z
    .number()
    .min(0)
    .max(1)
    .nullable()
    .describe('how far its answer says what the first one said; null: nobody can tell'),
});

/** What to reload; empty, or only to look. */
export const reloadRequestSchema = z.strictObject({ dry_run: z.boolean().optional() });

/** A reload that took effect, or would. */
export const reloadSchema = z.strictObject({
  config: z.string().regex(/^[0-9a-f]{12}$/),
  previous: z.string().regex(/^[0-9a-f]{12}$/),
  changed: z.boolean(),
  needs_restart: z.array(name),
  diff: z.array(
    z.strictObject({ path: name, change: z.enum(['added', 'removed', 'changed']), from: z.json(), to: z.json() }),
  ),
  warnings: z.array(z.looseObject({ code: name, message: name })),
});

export const healthSchema = z.strictObject({ status: z.literal('ok') });
export const readinessSchema = z.strictObject({ ready: z.boolean(), reasons: z.array(name) });

/** A simulated fault; what else it has depends on which one it is. */
export const faultSchema = z.looseObject({ target: name, fault: name, for_ms: z.int().positive().optional() });
export const faultListSchema = z.strictObject({ object: z.literal('list'), data: z.array(faultSchema) });
export const clockSchema = z.strictObject({ at: z.string().regex(/^\d\d:\d\d$/), zone: name });
