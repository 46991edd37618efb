import { z } from 'zod';

import { provenanceSchema } from './provenance-schema.ts';

const name = z.string().min(1);
const count = z.int().min(0).nullable();
const turn = z.looseObject({
  role: z.enum(['user', 'assistant', 'system']),
  content: z.union([z.string(), z.array(z.looseObject({ type: name })).min(1)]),
});
const prompt = {
  model: name.describe('a route, a model, or provider/model'),
  messages: z.array(turn).min(1),
  system: z.union([z.string(), z.array(z.looseObject({ type: z.literal('text') }))]).nullish(),
};

/** A request for a message, as far as Candor must read it; everything else is as the vendor says. */
export const messagesRequestSchema = z.looseObject({
  ...prompt,
  max_tokens: z.int().min(0),
  stream: z.boolean().nullish(),
});

/** A prompt to be counted. */
export const countTokensRequestSchema = z.looseObject(prompt);

/** A whole message. A vendor of the protocol may say more in it. */
export const messageSchema = z.looseObject({
  id: name,
  type: z.literal('message'),
  role: z.literal('assistant'),
  model: name.nullable(),
  content: z.array(z.looseObject({ type: name })),
  stop_reason: name,
  stop_sequence: z.string().nullable(),
  usage: z.looseObject({
    input_tokens: count.describe('without those read from the cache, or written to it'),
    output_tokens: count,
    cache_read_input_tokens: count.optional(),
    cache_creation_input_tokens: count.optional(),
  }),
  candor: provenanceSchema.optional(),
});

/** How many tokens a prompt has. */
export const tokenCountSchema = z.strictObject({
  input_tokens: z.int().min(0),
  candor: z
    .strictObject({
      method: name,
      error_band: z.number().min(0).describe('the share by which the count may be wrong'),
      lower_bound: z.boolean().describe('whether something in the prompt could not be counted'),
      counted_for: name.describe('the deployment that would be asked'),
    })
    .optional(),
});

/** An error in the protocol's envelope. */
export const messagesErrorSchema = z.strictObject({
  type: z.literal('error'),
  error: z.looseObject({
    type: name,
    message: name,
    code: name,
    param: z.string().nullable(),
    candor: z.looseObject({}),
  }),
  request_id: name.nullable(),
});
