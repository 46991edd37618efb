import { z } from 'zod';

import { provenanceSchema } from './provenance-schema.ts';

const name = z.string().min(1);
const text = z.union([z.string(), z.array(z.int())]);
const candor = z.looseObject({ kind: z.enum(['route', 'model', 'deployment']) });

/** What clients send for embeddings: OpenAI's request, with the `candor` member. */
export const embeddingsRequestSchema = z.looseObject({
  model: name.describe('a route, a model, or provider/model'),
  input: z.union([text, z.array(text).min(1).max(2048)]).describe('a text, its tokens, or a list of either'),
  dimensions: z.int().positive().nullish(),
  encoding_format: z.enum(['float', 'base64']).nullish(),
  user: z.string().nullish(),
  candor: z.looseObject({}).nullish(),
});

/** The vectors, as numbers or as the base64 of little-endian 32-bit floats. */
export const embeddingsSchema = z.looseObject({
  object: z.literal('list'),
  data: z.array(z.looseObject({ index: z.int(), embedding: z.union([z.array(z.number()), z.string()]) })),
  model: name.nullable(),
  usage: z
    .looseObject({ prompt_tokens: z.int(), total_tokens: z.int(), cost: z.number().nullable().optional() })
    .nullable(),
  candor: provenanceSchema.optional(),
});

/** A route, a model or a deployment as Anthropic's SDKs read it. */
export const anthropicModelSchema = z.strictObject({
  type: z.literal('model'),
  id: name,
  display_name: name,
  created_at: z.iso.datetime(),
  max_input_tokens: z.int().nullable(),
  max_tokens: z.int().nullable(),
  capabilities: z.null(),
  candor,
});

/** A page of them. */
export const anthropicModelListSchema = z.strictObject({
  data: z.array(anthropicModelSchema),
  first_id: name.nullable(),
  last_id: name.nullable(),
  has_more: z.boolean(),
});

/** A route, a model or a deployment as Gemini's SDKs read it. */
export const geminiModelSchema = z.strictObject({
  name: z.string().startsWith('models/'),
  displayName: name,
  inputTokenLimit: z.int().optional(),
  outputTokenLimit: z.int().optional(),
  supportedGenerationMethods: z.array(name),
  candor,
});

/** A page of them. */
export const geminiModelListSchema = z.strictObject({
  models: z.array(geminiModelSchema),
  nextPageToken: name.optional(),
});
