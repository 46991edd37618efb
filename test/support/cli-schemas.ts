import { z } from 'zod';

import { circuitSchema, generationSchema, measuredSchema, modelSchema } from './http-schemas.ts';
import { recordSchema } from './provenance-schema.ts';

/** What `--json` prints, command by command: programs rely on it. Strict where it is ours. */

const name = z.string().min(1);
const count = z.int().nonnegative();
const config = z.string().regex(/^[0-9a-f]{12}$/);

const usageGroup = z.strictObject({
  name: name.nullable(),
  requests: count,
  errors: count,
  cancelled: count,
  fallbacks: count,
  simulated: count,
  tokens_in: count,
  tokens_out: count,
  unknown_tokens: count,
  cost: z.number().nonnegative(),
  unknown_cost: count,
});

const route = modelSchema.extend({
  candor: z.strictObject({
    kind: z.literal('route'),
    try: z.array(name).min(1),
    fallback: z.enum(['degraded', 'off']),
    validate: z.array(name),
    stream: z.string().regex(/^(?:hold|trail|window \d+(?:ms)?)$/),
    measured: z.array(measuredSchema).optional(),
  }),
});

const model = modelSchema.extend({
  candor: z.strictObject({ kind: z.literal('model'), deployments: z.array(name).min(1), simulated: z.boolean() }),
});

const deployment = modelSchema.extend({
  candor: z.strictObject({
    kind: z.literal('deployment'),
    simulated: z.boolean(),
    region: name.nullable(),
    price: z
      .strictObject({
        in: z.number(),
        out: z.number().nullable(),
        as_of: z.iso.date(),
        age_days: z.int().min(0),
      })
      .nullable(),
    measured: z.array(measuredSchema).optional(),
    circuit: circuitSchema.optional(),
  }),
});

export const cliSchemas = {
  version: z.strictObject({ candor: name, node: name }),
  validate: z.strictObject({
    valid: z.boolean(),
    config: config.nullable(),
    diagnostics: z.array(
      z.strictObject({
        severity: z.enum(['error', 'warning']),
        code: name,
        message: name,
        file: name,
        line: z.int().positive(),
        column: z.int().positive(),
        end_column: z.int().positive(),
        help: name.nullable(),
      }),
    ),
  }),
  /** A line. */
  tail: generationSchema,
  trace: recordSchema,
  usage: z.strictObject({
    object: z.literal('usage'),
    since: z.iso.datetime({ precision: 3 }),
    by: z.enum(['route', 'model', 'deployment', 'key', 'day']),
    groups: z.array(usageGroup),
    total: usageGroup,
    asides: usageGroup,
    within: usageGroup,
    running: count,
  }),
  models: z.strictObject({ object: z.literal('list'), data: z.array(z.union([model, deployment])) }),
  routes: z.strictObject({ object: z.literal('list'), data: z.array(route) }),
  doctor: z.strictObject({
    object: z.literal('diagnosis'),
    candor: name,
    node: name,
    problems: count,
    findings: z.array(
      z.strictObject({
        check: name,
        outcome: z.enum(['ok', 'warning', 'problem']),
        message: name,
        cause: name.nullable(),
        next: name.nullable(),
      }),
    ),
  }),
  init: z.strictObject({
    found: z.array(name),
    wrote: z.array(name).min(1),
    gitignore: z.boolean(),
    real: z.array(name),
    simulated: z.array(name),
  }),
  sim: z.strictObject({ object: z.literal('list'), data: z.array(z.looseObject({ target: name, fault: name })) }),
} as const;
