import { z } from 'zod';

import { provenanceSchema } from './provenance-schema.ts';

const name = z.string().min(1);

/** A request for a response, as far as Candor must read it; everything else is as the vendor says. */
export const responsesRequestSchema = z.looseObject({
  model: name.describe('a route, a model, or provider/model'),
  input: z.union([z.string(), z.array(z.looseObject({})).min(1)]),
  instructions: z.string().nullish(),
  stream: z.boolean().nullish(),
  store: z.literal(false).nullish().describe('nothing is stored'),
});

const item = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('message'),
    id: name,
    status: z.enum(['completed', 'incomplete']),
    role: z.literal('assistant'),
    content: z.array(
      z.discriminatedUnion('type', [
        z.strictObject({
          type: z.literal('output_text'),
          text: z.string(),
          annotations: z.tuple([]),
          logprobs: z.array(z.looseObject({ token: z.string(), logprob: z.number() })),
        }),
        z.strictObject({ type: z.literal('refusal'), refusal: z.string() }),
      ]),
    ),
  }),
  z.strictObject({
    type: z.literal('function_call'),
    id: name,
    status: z.enum(['completed', 'incomplete']),
    call_id: name,
    name,
    arguments: z.string(),
    extra_content: z
      .record(name, z.looseObject({}))
      .optional()
      .describe('what the vendor wants back with the call: send the item back as it is'),
  }),
  z.strictObject({
    type: z.literal('reasoning'),
    id: name,
    summary: z.array(z.strictObject({ type: z.literal('summary_text'), text: z.string() })),
    encrypted_content: name
      .optional()
      .describe('what the vendor wants back with the answer: send the item back as it is'),
  }),
]);

/** A whole response. */
export const responseSchema = z.looseObject({
  id: name,
  object: z.literal('response'),
  created_at: z.int(),
  status: z.enum(['completed', 'incomplete']),
  model: name.nullable(),
  error: z.null(),
  incomplete_details: z.strictObject({ reason: z.enum(['max_output_tokens', 'content_filter']) }).nullable(),
  output: z.array(item),
  parallel_tool_calls: z.boolean(),
  store: z.literal(false),
  usage: z
    .strictObject({
      input_tokens: z.int(),
      input_tokens_details: z.strictObject({
        cached_tokens: z.int().optional(),
        cache_write_tokens: z.int().optional(),
      }),
      output_tokens: z.int(),
      output_tokens_details: z.strictObject({ reasoning_tokens: z.int().optional() }),
      total_tokens: z.int(),
      cost: z.number().nullable().optional(),
    })
    .nullable(),
  candor: provenanceSchema.optional(),
});
